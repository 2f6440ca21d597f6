// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Division by a number that every thread shares: a GPU has no instruction for it, so numbers below
/// 2^31 are multiplied by a reciprocal. Source: Granlund and Montgomery, Division by Invariant
/// Integers using Multiplication (1994), section 4.
class Divider {
 public:
  Divider() = default;
  /// `divisor`: at least 0, but by 0 nothing can be divided.
  explicit Divider(int64_t divisor) : divisor_(divisor) {
    if (divisor == 0) return;
    if (divisor >= kLimit) {
      multiplier_ = 0;  // whatever is below the limit is below the divisor
      return;
    }
    while ((int64_t{1} << bits_) < divisor) ++bits_;
    const auto d = static_cast<uint64_t>(divisor);
    multiplier_ = static_cast<uint32_t>(((uint64_t{1} << (31 + bits_)) + d - 1) / d);
  }

  SYNSIGHT_HOST_DEVICE int64_t divisor() const { return divisor_; }

  /// `number`: at least 0.
  SYNSIGHT_HOST_DEVICE int64_t quotient(int64_t number) const {
    if (number >= kLimit) return number / divisor_;
    const uint64_t product = static_cast<uint64_t>(number) * multiplier_;
    return static_cast<int64_t>(product >> (31 + bits_));
  }

  /// Divides `number` and returns the remainder.
  SYNSIGHT_HOST_DEVICE int64_t split(int64_t& number) const {
    const int64_t whole = quotient(number);
    const int64_t rest = number - whole * divisor_;
    number = whole;
    return rest;
  }

 private:
  static constexpr int64_t kLimit = int64_t{1} << 31;

  int64_t divisor_ = 1;
  uint32_t multiplier_ = uint32_t{1} << 31;
  uint32_t bits_ = 0;
};

}  // namespace synsight::cuda
