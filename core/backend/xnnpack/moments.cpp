// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/moments.h"

#include <cmath>
#include <cstring>

#include "core/base/simd.h"
#include "core/base/small_build.h"

namespace synsight::xnnpack {

namespace {

using ops::Moments;

constexpr size_t kLanes = kIsSmallBuild ? 2 : 8;
using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
using Doubles = double __attribute__((vector_size(kLanes * sizeof(double))));

// Sums that do not wait for one another.
constexpr size_t kSums = kIsSmallBuild ? 1 : 4;

/// The sum of x[i] - mean, or of its squares, in f64: as f32 the mean of large numbers would be too
/// far off for their small differences.
template <bool kIsSquared>
SYNSIGHT_ALWAYS_INLINE double sum_of(size_t count, const float* x, double mean) {
  Doubles sums[kSums] = {};
  size_t i = 0;
  for (; i + kSums * kLanes <= count; i += kSums * kLanes) {
    for (size_t s = 0; s < kSums; ++s) {
      Floats elements;
      std::memcpy(&elements, x + i + s * kLanes, sizeof elements);
      const Doubles difference = __builtin_convertvector(elements, Doubles) - mean;
      sums[s] += kIsSquared ? difference * difference : difference;
    }
  }
  double sum = 0;
  for (; i < count; ++i) {
    const double difference = x[i] - mean;
    sum += kIsSquared ? difference * difference : difference;
  }
  Doubles all = sums[0];
  for (size_t s = 1; s < kSums; ++s) all += sums[s];
  for (size_t lane = 0; lane < kLanes; ++lane) sum += all[lane];
  return sum;
}

SYNSIGHT_ALWAYS_INLINE Moments moments_body(size_t count, const float* x, double epsilon) {
  const auto divisor = static_cast<double>(count);
  const double mean = sum_of<false>(count, x, 0) / divisor;
  const double variance = sum_of<true>(count, x, mean) / divisor;
  return {mean, 1 / std::sqrt(variance + epsilon)};
}

/// `scale` and `bias` say what they are at an index. A loop without branches, which the compiler
/// makes vectors of.
template <typename Scale, typename Bias>
SYNSIGHT_ALWAYS_INLINE void normalize_body(size_t count, const float* __restrict x,
                                           const Moments& moments, const Scale& scale,
                                           const Bias& bias, float* __restrict y) {
  const auto [mean, inverse_deviation] = moments;
  for (size_t i = 0; i < count; ++i) {
    y[i] = static_cast<float>((x[i] - mean) * inverse_deviation) * scale(i) + bias(i);
  }
}

SYNSIGHT_ALWAYS_INLINE void elements_body(size_t count, const float* x, const Moments& moments,
                                          const float* scale, const float* bias, float* y) {
  const auto scale_at = [scale](size_t i) { return scale[i]; };
  if (bias == nullptr) {
    normalize_body(count, x, moments, scale_at, [](size_t) { return 0.0f; }, y);
  } else {
    normalize_body(count, x, moments, scale_at, [bias](size_t i) { return bias[i]; }, y);
  }
}

SYNSIGHT_ALWAYS_INLINE void plane_body(size_t count, const float* x, const Moments& moments,
                                       float scale, float bias, float* y) {
  normalize_body(
      count, x, moments, [scale](size_t) { return scale; }, [bias](size_t) { return bias; }, y);
}

/// The functions at one level.
struct Level {
  Moments (*moments)(size_t count, const float* x, double epsilon);
  void (*elements)(size_t count, const float* x, const Moments& moments, const float* scale,
                   const float* bias, float* y);
  void (*plane)(size_t count, const float* x, const Moments& moments, float scale, float bias,
                float* y);
};

SYNSIGHT_TARGET_AVX512 Moments moments_avx512(size_t n, const float* x, double epsilon) {
  return moments_body(n, x, epsilon);
}
SYNSIGHT_TARGET_AVX512 void elements_avx512(size_t n, const float* x, const Moments& moments,
                                            const float* scale, const float* bias, float* y) {
  elements_body(n, x, moments, scale, bias, y);
}
SYNSIGHT_TARGET_AVX512 void plane_avx512(size_t n, const float* x, const Moments& moments,
                                         float scale, float bias, float* y) {
  plane_body(n, x, moments, scale, bias, y);
}

SYNSIGHT_TARGET_AVX2 Moments moments_avx2(size_t n, const float* x, double epsilon) {
  return moments_body(n, x, epsilon);
}
SYNSIGHT_TARGET_AVX2 void elements_avx2(size_t n, const float* x, const Moments& moments,
                                        const float* scale, const float* bias, float* y) {
  elements_body(n, x, moments, scale, bias, y);
}
SYNSIGHT_TARGET_AVX2 void plane_avx2(size_t n, const float* x, const Moments& moments, float scale,
                                     float bias, float* y) {
  plane_body(n, x, moments, scale, bias, y);
}

Level level() {
  switch (simd_level()) {
    case SimdLevel::kAvx512:
      return {moments_avx512, elements_avx512, plane_avx512};
    case SimdLevel::kAvx2:
      return {moments_avx2, elements_avx2, plane_avx2};
    case SimdLevel::kBaseline:
      break;
  }
  return {moments_body, elements_body, plane_body};
}

}  // namespace

Moments compute_moments(size_t count, const float* x, double epsilon) {
  return level().moments(count, x, epsilon);
}

void normalize(size_t count, const float* x, const Moments& moments, const float* scale,
               const float* bias, float* y) {
  level().elements(count, x, moments, scale, bias, y);
}

void normalize(size_t count, const float* x, const Moments& moments, float scale, float bias,
               float* y) {
  level().plane(count, x, moments, scale, bias, y);
}

}  // namespace synsight::xnnpack
