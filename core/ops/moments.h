// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <span>

#include "core/base/result.h"
#include "core/base/text.h"
#include "core/graph/attributes.h"

namespace synsight::ops {

/// The mean of some elements and 1 / sqrt(variance + epsilon), the variance being that of the
/// elements themselves (divided by their number).
struct Moments {
  double mean = 0;
  double inverse_deviation = 0;
};

template <typename T>
Moments moments_of(std::span<const T> elements, double epsilon) {
  const auto count = static_cast<double>(elements.size());
  Moments moments;
  for (const T element : elements) moments.mean += element;
  moments.mean /= count;
  double variance = 0;
  for (const T element : elements) {
    variance += (element - moments.mean) * (element - moments.mean);
  }
  moments.inverse_deviation = 1 / std::sqrt(variance / count + epsilon);
  return moments;
}

/// Checks the attribute stash_type, the element type in which mean and deviation are computed and
/// given: only 1, f32. Errors: kInvalidModel, kUnsupportedOp.
inline Status check_stash_type(const Node& node) {
  SYNSIGHT_TRY_ASSIGN(const int64_t stash_type, int_attribute(node, "stash_type", 1));
  if (stash_type == 1) return {};
  return fail(ErrorCode::kUnsupportedOp,
              concat({"attribute \"stash_type\" is ", stash_type, ", supported is 1"}));
}

}  // namespace synsight::ops
