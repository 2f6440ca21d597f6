// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::cli {

/// Whether the model's `synsight.layers` is `keras`: a layer's last node, and its output, are
/// called as the layer and those before it `LAYER/PART`; what Keras has as [N,H,W,C] is [N,C,H,W].
bool has_keras_layers(const Graph& graph);

/// For each node, the index of the last one of its layer, which gives the layer's name; its own
/// where a node is a layer.
std::vector<size_t> find_layer_ends(const Graph& graph);

/// The value that a layer gives: the first output of the node `name`, or else the value `name`.
/// Errors: kInvalidArgument, with the nearest name, where there is no such layer; for an input or
/// a constant.
Result<ValueId> find_layer(const Graph& graph, const std::string& name);

}  // namespace synsight::cli
