// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/ops/op.h"

namespace synsight::ops {

/// The inputs as views, whose data is null where it is not known.
std::vector<TensorView> views_of(std::span<const ValueInfo> inputs);

/// The input at `index`, or one that does not exist() where the node has fewer inputs.
TensorView input_at(std::span<const TensorView> inputs, size_t index);

/// The integers of an int32 or int64 tensor of rank 0 or 1 that decides about shapes. Errors:
/// kShapeMismatch where they are not known or the rank is higher, kUnsupportedType.
Result<std::vector<int64_t>> constant_ints(const TensorView& input, std::string_view what);

/// A list that is the attribute `name` before the opset `first_input_opset` and the optional input
/// at `index` from it on; empty where it is absent. Errors: those of constant_ints.
Result<std::vector<int64_t>> ints_argument(const Node& node, std::span<const TensorView> inputs,
                                           std::string_view name, size_t index,
                                           int64_t first_input_opset);

/// The axes, each in [0, rank) and none twice, in the order given. Errors: kInvalidModel.
Result<std::vector<size_t>> normalize_axes(std::span<const int64_t> axes, size_t rank);

/// Checks that no input of a variadic operator is left out. Errors: kInvalidModel.
Status check_all_exist(std::span<const ValueInfo> inputs);

/// Checks that all inputs that exist have the first one's element type. Errors: kInvalidModel.
Status check_same_dtype(std::span<const ValueInfo> inputs);

/// Checks a shape that a model's data, not its weights, asks for: every dimension at least 0, at
/// most 2^31 elements. Errors: kShapeMismatch.
Status check_asked_shape(const Shape& shape);

}  // namespace synsight::ops
