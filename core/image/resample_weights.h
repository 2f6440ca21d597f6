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

/// The inputs of one output position: `count` of them from `first` on.
struct TapRange {
  int32_t first = 0;
  int32_t count = 0;
};

/// The weights with which one side of `input_size` becomes the part of `output_size` that lies in
/// [begin, begin + count), as flat arrays.
class ResampleWeights {
 public:
  /// With kNearest there are no weights: an output is its one input, or black where its range is
  /// empty, because rounding leads past the end. Errors: kOutOfMemory.
  static Result<ResampleWeights> create(int input_size, int output_size, Filter filter, int begin,
                                        int count);

  /// Output positions.
  int size() const { return size_; }
  /// A range an output position, counted from `first_input()`.
  std::span<const TapRange> ranges() const {
    return {reinterpret_cast<const TapRange*>(ranges_.data()), static_cast<size_t>(size_)};
  }
  /// `stride()` weights an output position, those behind its range 0.
  std::span<const int32_t> weights() const {
    return {reinterpret_cast<const int32_t*>(weights_.data()), weights_.size() / sizeof(int32_t)};
  }
  int stride() const { return stride_; }

  /// The inputs that all positions together read, at least one.
  int first_input() const { return first_input_; }
  int num_inputs() const { return num_inputs_; }

 private:
  static Result<ResampleWeights> allocate(int count, int stride);
  void place_nearest(int input_size, int output_size, int begin);
  Status compute(int input_size, int output_size, Filter filter, int begin);
  void count_from_first_input();

  AlignedBuffer ranges_;
  AlignedBuffer weights_;
  int size_ = 0;
  int stride_ = 0;
  int first_input_ = 0;
  int num_inputs_ = 0;
};

}  // namespace synsight::image
