// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/result.h"

namespace synsight::test {

/// What the lanes of one row made of its elements.
struct LaneResult {
  float sum = 0;
  float max = 0;
  int64_t place = 0;  // of the largest, and of those the first
  float is_same_in_all_lanes = 0;
};

/// Launches one row functor over `num_rows` rows of equally many elements. Errors: kDevice.
Result<std::vector<LaneResult>> join_lanes(std::span<const float> elements, int64_t num_rows);

}  // namespace synsight::test
