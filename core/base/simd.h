// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The place where kernels of our own meet the instruction sets of x86: a kernel's body is an
/// always-inline function over vectors of the compiler, compiled once a level behind a small
/// function marked SYNSIGHT_TARGET_..., and chosen at run time by simd_level(). Elsewhere the
/// macros are empty and the one level is the baseline that the build chose.

#if defined(__x86_64__) || defined(__i386__)
#define SYNSIGHT_TARGET_AVX512 __attribute__((target("avx512f,avx2,fma")))
#define SYNSIGHT_TARGET_AVX2 __attribute__((target("avx2,fma")))
#else
#define SYNSIGHT_TARGET_AVX512
#define SYNSIGHT_TARGET_AVX2
#endif
#define SYNSIGHT_ALWAYS_INLINE inline __attribute__((always_inline))

#ifdef __wasm_relaxed_simd__
#include <wasm_simd128.h>
#endif

namespace synsight {

/// a * b + c for a vector of floats: with one rounding where the target has that and it is not
/// slower. WebAssembly's compiler never fuses by itself.
template <typename Vector>
SYNSIGHT_ALWAYS_INLINE Vector multiply_add(Vector a, Vector b, Vector c) {
#ifdef __wasm_relaxed_simd__
  return reinterpret_cast<Vector>(wasm_f32x4_relaxed_madd(
      reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b), reinterpret_cast<v128_t>(c)));
#else
  return a * b + c;
#endif
}

enum class SimdLevel { kBaseline, kAvx2, kAvx512 };

/// The best level that this CPU and its operating system run.
#if defined(__x86_64__) || defined(__i386__)
SimdLevel simd_level();
#else
constexpr SimdLevel simd_level() { return SimdLevel::kBaseline; }
#endif

}  // namespace synsight
