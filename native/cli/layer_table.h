// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "native/cli/feed.h"

namespace synsight::cli {

/// Numbers that training finds: the floating-point constants that a node reads, but scalars, which
/// are settings (the limits of a Clip). The mean and variance of a BatchNormalization are not
/// trainable, as in Keras.
struct ParameterCount {
  size_t trainable = 0;
  size_t non_trainable = 0;

  size_t total() const { return trainable + non_trainable; }
};

using LayerShape = std::vector<std::optional<int64_t>>;  // none: any

/// `(None, 224, 224, 3)`.
std::string shape_text(const LayerShape& shape);

/// One input or layer of a network as Keras's summary shows it.
struct Layer {
  std::string name;
  std::string type;         // the operator that does most of it, or Keras's class; `Input`
  LayerShape output_shape;  // of the first output
  ParameterCount parameters;
  std::vector<size_t> inputs;            // the layers that it reads, each once
  std::vector<LayerShape> input_shapes;  // what those give
};

/// The inputs and the layers that compute something, in order: nodes, or what Keras had as layers
/// (has_keras_layers), whose shapes are then Keras's; `synsight.keras_layers`, a line a layer, says
/// what Keras's own summary has: `NAME<TAB>CLASS<TAB>TRAINABLE<TAB>OTHERS`, numbers of parameters.
/// Every constant counts once, for the first of them that reads it. A dimension that follows an
/// open batch is none. Where `options` leave a size open, the layers are those of a typical one,
/// and what follows the size is none, too; a network that does not take that needs to be told.
/// Errors: what choose_input_shapes and plan_shapes answer.
Result<std::vector<Layer>> list_layers(Graph graph, const FeedOptions& options);

}  // namespace synsight::cli
