// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/aligned_buffer.h"
#include "core/base/result.h"
#include "core/image/resize.h"

namespace synsight::image {

/// Weights are fixed-point numbers with this many fractional bits; the two bits left above a
/// pixel's eight hold sums below 0 and above 1. Source: PRECISION_BITS of Pillow's Resample.c.
inline constexpr int kWeightBits = 32 - 8 - 2;

/// One output position of one pass: the sum over `weights` of inputs from `first` on.
struct Taps {
  int first = 0;
  std::span<const int32_t> weights;
};

/// The weights with which one side of `input_size` becomes the part of `output_size` that lies in
/// [begin, begin + count).
class ResampleWeights {
 public:
  /// `filter` is any but kNearest. Errors: kOutOfMemory.
  static Result<ResampleWeights> create(int input_size, int output_size, Filter filter, int begin,
                                        int count);

  int size() const { return size_; }
  /// The taps of output position `begin + index`.
  Taps operator[](int index) const {
    const auto position = static_cast<size_t>(index);
    const Range& range = reinterpret_cast<const Range*>(ranges_.data())[position];
    const auto* weights = reinterpret_cast<const int32_t*>(weights_.data());
    return {range.first, {weights + position * stride_, static_cast<size_t>(range.count)}};
  }

  /// The inputs that all taps together read: [first_input, last_input).
  int first_input() const { return first_input_; }
  int last_input() const { return last_input_; }

 private:
  struct Range {
    int first;
    int count;
  };

  AlignedBuffer ranges_;   // a Range an output position
  AlignedBuffer weights_;  // stride_ int32_t an output position
  size_t stride_ = 0;
  int size_ = 0;
  int first_input_ = 0;
  int last_input_ = 0;
};

}  // namespace synsight::image
