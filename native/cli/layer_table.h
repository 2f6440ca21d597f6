// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::cli {

/// Numbers that training finds: the floating-point constants that a node reads, but scalars, which
/// are settings (the limits of a Clip). The mean and variance of a BatchNormalization are not
/// trainable, as in Keras.
struct ParameterCount {
  size_t trainable = 0;
  size_t non_trainable = 0;

  size_t total() const { return trainable + non_trainable; }
};

/// One input or node of a network as Keras's summary shows it.
struct Layer {
  std::string name;
  std::string type;                                  // the operator; `Input`
  std::vector<std::optional<int64_t>> output_shape;  // of the first output; none: any
  ParameterCount parameters;
};

/// The inputs and the nodes that compute something, in order. Every constant counts once, for
/// the first of them that reads it. A dimension that follows an open batch is none and, with
/// `sides_are_open`, one that follows any open dimension. Errors: what plan_shapes answers.
Result<std::vector<Layer>> list_layers(const Graph& graph, std::span<const Shape> input_shapes,
                                       bool sides_are_open);

}  // namespace synsight::cli
