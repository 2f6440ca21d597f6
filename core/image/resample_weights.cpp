// SPDX-License-Identifier: Apache-2.0
#include "core/image/resample_weights.h"

#include <algorithm>
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

Result<AlignedBuffer> allocate_array(size_t count, size_t stride, size_t element_bytes) {
  std::optional<size_t> num_bytes = checked_mul(count, stride);
  if (num_bytes) num_bytes = checked_mul(*num_bytes, element_bytes);
  if (!num_bytes) return fail(ErrorCode::kOutOfMemory, "the weights for resizing do not fit");
  return AlignedBuffer::allocate(*num_bytes);
}

}  // namespace

Result<ResampleWeights> ResampleWeights::create(int input_size, int output_size, Filter filter,
                                                int begin, int count) {
  const double scale = static_cast<double>(input_size) / output_size;
  const double filter_scale = std::max(scale, 1.0);
  const double inverse_filter_scale = 1.0 / filter_scale;
  const double support = filter_support(filter) * filter_scale;
  const double max_taps = std::min<double>(std::ceil(support) * 2 + 1, input_size);

  ResampleWeights result;
  result.size_ = count;
  result.stride_ = static_cast<size_t>(max_taps);
  const auto num_positions = static_cast<size_t>(count);
  SYNSIGHT_TRY_ASSIGN(result.ranges_, allocate_array(num_positions, 1, sizeof(Range)));
  SYNSIGHT_TRY_ASSIGN(result.weights_,
                      allocate_array(num_positions, result.stride_, sizeof(int32_t)));
  SYNSIGHT_TRY_ASSIGN(AlignedBuffer scratch, allocate_array(result.stride_, 1, sizeof(double)));
  auto* ranges = reinterpret_cast<Range*>(result.ranges_.data());
  auto* weights = reinterpret_cast<int32_t*>(result.weights_.data());
  auto* values = reinterpret_cast<double*>(scratch.data());

  result.first_input_ = input_size;
  for (int i = 0; i < count; ++i) {
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
      weights[static_cast<size_t>(i) * result.stride_ + static_cast<size_t>(k)] =
          fixed_point(values[k]);
    }
    ranges[i] = {first, last - first};
    result.first_input_ = std::min(result.first_input_, first);
    result.last_input_ = std::max(result.last_input_, last);
  }
  return result;
}

}  // namespace synsight::image
