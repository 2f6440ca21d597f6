// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight {

/// An attribute that the reader gives to operators which stand for one on quantised values: one on
/// floats that stands for sums of integers, and a Cast from f32 whose input is integers.
inline constexpr const char* kSumsIntegers = "synsight.sums_integers";

/// Reads one attribute of a node, or `fallback` where it is absent. Errors: kInvalidModel for
/// another kind.
Result<int64_t> int_attribute(const Node& node, std::string_view name, int64_t fallback);
Result<float> float_attribute(const Node& node, std::string_view name, float fallback);
Result<std::string> string_attribute(const Node& node, std::string_view name,
                                     std::string_view fallback);
Result<std::vector<int64_t>> ints_attribute(const Node& node, std::string_view name,
                                            std::vector<int64_t> fallback);
Result<std::vector<float>> floats_attribute(const Node& node, std::string_view name,
                                            std::vector<float> fallback);

/// The attribute's tensor, or null where it is absent. Errors: kInvalidModel for another kind.
Result<const Tensor*> tensor_attribute(const Node& node, std::string_view name);

}  // namespace synsight
