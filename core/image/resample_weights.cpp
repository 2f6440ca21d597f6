// SPDX-License-Identifier: Apache-2.0
#include "core/image/resample_weights.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <numbers>
#include <optional>

#include "core/base/checked.h"
#include "core/base/text.h"

// The order of the floating-point operations below is Pillow's: each rounding counts. The folder is
// built without contraction into fused multiply-adds, so every target rounds alike.

namespace synsight::image {

namespace {

/// sin(x) for 0 <= x < 10, within 2e-16. From IEEE operations alone: the sine of the C library
/// differs between targets.
double sine(double x) {
  // pi/2 in two parts; the upper one has so few bits that its small multiples are exact.
  constexpr double kHalfPiUpper = 0x1.921fb544p+0;
  constexpr double kHalfPiLower = 0x1.0b4611a626331p-34;
  const int quadrant = static_cast<int>(std::floor(x * (2 / std::numbers::pi) + 0.5));
  const double r = (x - quadrant * kHalfPiUpper) - quadrant * kHalfPiLower;
  const double z = r * r;
  // Taylor series, divided by r and without the 1 at their beginning.
  constexpr double kSine[] = {
      1 / 355687428096000., -1 / 1307674368000., 1 / 6227020800., -1 / 39916800.,
      1 / 362880.,          -1 / 5040.,          1 / 120.,        -1 / 6.};
  constexpr double kCosine[] = {
      1 / 20922789888000., -1 / 87178291200., 1 / 479001600., -1 / 3628800.,
      1 / 40320.,          -1 / 720.,         1 / 24.,        -1 / 2.};
  const bool is_cosine = quadrant % 2 == 1;
  double series = 0;
  for (const double coefficient : is_cosine ? kCosine : kSine) series = series * z + coefficient;
  const double value = is_cosine ? 1 + z * series : r + r * (z * series);
  return quadrant % 4 >= 2 ? -value : value;
}

double sinc(double x) {
  if (x == 0) return 1;
  x *= std::numbers::pi;
  return sine(x) / x;
}

double bilinear(double x) { return x < 1 ? 1 - x : 0; }

/// Source: bicubic convolution with a = -0.5.
double bicubic(double x) {
  constexpr double kA = -0.5;
  if (x < 1) return ((kA + 2) * x - (kA + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * kA;
  return 0;
}

double lanczos(double x) { return sinc(x) * sinc(x / 3); }

double filter_value(Filter filter, double x) {
  const double distance = std::abs(x);
  switch (filter) {
    case Filter::kBilinear:
      return bilinear(distance);
    case Filter::kBicubic:
      return bicubic(distance);
    case Filter::kLanczos:
      return x >= -3 && x < 3 ? lanczos(distance) : 0;
    case Filter::kNearest:
      break;
  }
  return 0;
}

double filter_support(Filter filter) {
  switch (filter) {
    case Filter::kBilinear:
      return 1;
    case Filter::kBicubic:
      return 2;
    case Filter::kLanczos:
      return 3;
    case Filter::kNearest:
      break;
  }
  return 0;
}

/// To fixed point, half away from zero.
int32_t fixed_point(double weight) {
  const double scaled = weight * (1 << kWeightBits);
  return static_cast<int32_t>(weight < 0 ? -0.5 + scaled : 0.5 + scaled);
}

Result<AlignedBuffer> allocate_array(int count, int stride, size_t element_bytes) {
  std::optional<size_t> num_bytes =
      checked_mul(static_cast<size_t>(count), static_cast<size_t>(stride));
  if (num_bytes) num_bytes = checked_mul(*num_bytes, element_bytes);
  if (!num_bytes) return fail(ErrorCode::kOutOfMemory, "the weights for resizing do not fit");
  return AlignedBuffer::allocate(*num_bytes);
}

/// How far a filter reaches to either side, in inputs.
double support_of(Filter filter, double scale) {
  return filter_support(filter) * std::max(scale, 1.0);
}

}  // namespace

Result<ResampleWeights> ResampleWeights::allocate(int count, int stride) {
  ResampleWeights result;
  result.size_ = count;
  result.stride_ = stride;
  SYNSIGHT_TRY_ASSIGN(result.ranges_, allocate_array(count, 1, sizeof(TapRange)));
  if (stride == 0) return result;
  SYNSIGHT_TRY_ASSIGN(result.weights_, allocate_array(count, stride, sizeof(int32_t)));
  return result;
}

void ResampleWeights::place_nearest(int input_size, int output_size, int begin) {
  auto* ranges = reinterpret_cast<TapRange*>(ranges_.data());
  const double scale = static_cast<double>(input_size) / output_size;
  // Each from the one before it by adding the scale, as Pillow does.
  double position = scale * 0.5;
  for (int i = 0; i < begin + size_; ++i) {
    if (i >= begin) {
      ranges[i - begin] =
          position < input_size ? TapRange{static_cast<int32_t>(position), 1} : TapRange{};
    }
    position += scale;
  }
}

Status ResampleWeights::compute(int input_size, int output_size, Filter filter, int begin) {
  const double scale = static_cast<double>(input_size) / output_size;
  const double inverse_filter_scale = 1.0 / std::max(scale, 1.0);
  const double support = support_of(filter, scale);
  SYNSIGHT_TRY_ASSIGN(AlignedBuffer scratch, allocate_array(stride_, 1, sizeof(double)));
  auto* values = reinterpret_cast<double*>(scratch.data());
  auto* ranges = reinterpret_cast<TapRange*>(ranges_.data());
  auto* weights = reinterpret_cast<int32_t*>(weights_.data());
  for (int i = 0; i < size_; ++i, weights += stride_) {
    const double center = (begin + i + 0.5) * scale;
    const int first = static_cast<int>(std::max(center - support + 0.5, 0.0));
    const int last = static_cast<int>(std::min<double>(center + support + 0.5, input_size));
    double sum = 0;
    for (int x = first; x < last; ++x) {
      values[x - first] = filter_value(filter, (x - center + 0.5) * inverse_filter_scale);
      sum += values[x - first];
    }
    for (int k = 0; k < last - first; ++k) {
      if (sum != 0) values[k] /= sum;
      weights[k] = fixed_point(values[k]);
    }
    std::fill(weights + (last - first), weights + stride_, 0);
    ranges[i] = {first, last - first};
  }
  return {};
}

void ResampleWeights::count_from_first_input() {
  const std::span<TapRange> ranges(reinterpret_cast<TapRange*>(ranges_.data()),
                                   static_cast<size_t>(size_));
  int first = INT_MAX;
  int last = 0;
  for (const TapRange& range : ranges) {
    if (range.count == 0) continue;
    first = std::min(first, range.first);
    last = std::max(last, range.first + range.count);
  }
  first_input_ = last == 0 ? 0 : first;
  num_inputs_ = std::max(last - first_input_, 1);
  for (TapRange& range : ranges) {
    if (range.count > 0) range.first -= first_input_;
  }
}

Result<ResampleWeights> ResampleWeights::create(int input_size, int output_size, Filter filter,
                                                int begin, int count) {
  const double support = support_of(filter, static_cast<double>(input_size) / output_size);
  const double max_taps = std::min<double>(std::ceil(support) * 2 + 1, input_size);
  const bool is_nearest = filter == Filter::kNearest;
  SYNSIGHT_TRY_ASSIGN(ResampleWeights result,
                      allocate(count, is_nearest ? 0 : static_cast<int>(max_taps)));
  if (is_nearest) {
    result.place_nearest(input_size, output_size, begin);
  } else {
    SYNSIGHT_TRY(result.compute(input_size, output_size, filter, begin));
  }
  result.count_from_first_input();
  return result;
}

}  // namespace synsight::image
