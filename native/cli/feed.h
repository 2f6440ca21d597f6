// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/backend/backend.h"
#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/tensor/tensor.h"

namespace synsight::cli {

/// What a network is fed where there is no picture: `--batch` and `--input-size`.
struct FeedOptions {
  int64_t batch = 0;   // 0: the model's, or 1
  int64_t height = 0;  // 0: the model's
  int64_t width = 0;
};

void add_feed_options(CLI::App& command, FeedOptions& options);

/// A shape for each of the graph's inputs: the declared ones, with what the options say and, where
/// they say nothing, with the side that the model's `synsight.crop` or `synsight.resize` names.
/// Errors: kInvalidArgument for a size that stays unknown.
Result<std::vector<Shape>> choose_input_shapes(const Graph& graph, const FeedOptions& options);

/// Evenly distributed elements, the same for the same seed: floats in [-1, 1), bytes in [0, 256),
/// other integers and booleans 0 or 1. Errors: kOutOfMemory.
Result<Tensor> random_tensor(DType dtype, const Shape& shape, uint64_t seed);

/// Tensors of the ports' dtypes and shapes.
Result<std::vector<Tensor>> random_tensors(std::span<const Port> ports);
Result<std::vector<Tensor>> allocate_tensors(std::span<const Port> ports);

std::vector<TensorView> views_of(std::span<const Tensor> tensors);

}  // namespace synsight::cli
