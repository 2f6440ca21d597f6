// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/error_function.h"

#include <numbers>

#include "core/base/simd.h"

namespace synsight::xnnpack {

namespace {

// erf(x) = x * P(x^2) / Q(x^2) for |x| up to kLimit, behind which it is 1 in f32. Fitted to 90
// Chebyshev points with weights that even out the relative error, which is 2.2e-8.
constexpr float kLimit = 3.95f;
constexpr float kP[] = {1.128379144f,    0.1914981403f,    0.05286827606f,
                        0.003805839159f, 0.0002846211977f, 2.026120323e-6f};
constexpr float kQ[] = {1.0f,           0.5030434967f, 0.1145378099f,
                        0.01505046522f, 0.0011701354f, 3.783053654e-5f};

/// The comparisons are such that NaN stays.
SYNSIGHT_ALWAYS_INLINE float clamp(float value, float limit) {
  value = value < -limit ? -limit : value;
  return value > limit ? limit : value;
}

SYNSIGHT_ALWAYS_INLINE float polynomial(const float (&coefficients)[6], float t) {
  float sum = coefficients[5];
  for (size_t i = 5; i-- > 0;) sum = sum * t + coefficients[i];
  return sum;
}

SYNSIGHT_ALWAYS_INLINE float erf_of(float x) {
  x = clamp(x, kLimit);
  const float t = x * x;
  return clamp(x * polynomial(kP, t) / polynomial(kQ, t), 1);
}

/// A loop without branches, which the compiler makes vectors of.
template <bool kIsGelu>
SYNSIGHT_ALWAYS_INLINE void body(size_t count, const float* __restrict x, float* __restrict y) {
  constexpr auto kRoot = static_cast<float>(1 / std::numbers::sqrt2);
  for (size_t i = 0; i < count; ++i) {
    y[i] = kIsGelu ? 0.5f * x[i] * (1 + erf_of(kRoot * x[i])) : erf_of(x[i]);
  }
}

using Function = void (*)(size_t count, const float* x, float* y);

SYNSIGHT_TARGET_AVX512 void erf_avx512(size_t n, const float* x, float* y) { body<false>(n, x, y); }
SYNSIGHT_TARGET_AVX2 void erf_avx2(size_t n, const float* x, float* y) { body<false>(n, x, y); }
void erf_baseline(size_t n, const float* x, float* y) { body<false>(n, x, y); }

SYNSIGHT_TARGET_AVX512 void gelu_avx512(size_t n, const float* x, float* y) { body<true>(n, x, y); }
SYNSIGHT_TARGET_AVX2 void gelu_avx2(size_t n, const float* x, float* y) { body<true>(n, x, y); }
void gelu_baseline(size_t n, const float* x, float* y) { body<true>(n, x, y); }

Function choose(Function avx512, Function avx2, Function baseline) {
  switch (simd_level()) {
    case SimdLevel::kAvx512:
      return avx512;
    case SimdLevel::kAvx2:
      return avx2;
    case SimdLevel::kBaseline:
      break;
  }
  return baseline;
}

}  // namespace

void compute_erf(size_t count, const float* x, float* y) {
  choose(erf_avx512, erf_avx2, erf_baseline)(count, x, y);
}

void compute_gelu(size_t count, const float* x, float* y) {
  choose(gelu_avx512, gelu_avx2, gelu_baseline)(count, x, y);
}

}  // namespace synsight::xnnpack
