// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <utility>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/image/input_spec.h"
#include "core/image/preprocess.h"

namespace synsight {

/// A network's picture input, as its graph declares it.
struct ImageInput {
  image::TensorLayout layout = image::TensorLayout::kNchw;
  DType dtype = DType::kFloat32;
  int width = 0;  // 0: any
  int height = 0;
};

/// Looks for the one input that takes RGB pictures, [N,3,H,W] or [N,H,W,3]. Errors: kInvalidModel
/// saying what the graph declares instead.
Result<ImageInput> find_image_input(const Graph& graph);

/// How to feed the network, and how that was found out.
struct ChosenInput {
  image::InputSpec spec;
  std::string guess;  // for people; empty where the model or the caller said it all
};

/// The model's own `synsight.` metadata; else the preset, where its name is not empty; else a guess
/// from the graph. A preset's name wins over the metadata, and `overrides`, fields and their texts,
/// over all of them. Errors: kInvalidModel for bad metadata, kInvalidArgument for an unknown preset
/// or a bad override.
Result<ChosenInput> choose_input_spec(
    const Graph& graph, const ImageInput& input, const std::string& preset,
    std::span<const std::pair<std::string, std::string>> overrides);

}  // namespace synsight
