// SPDX-License-Identifier: Apache-2.0
#include "core/base/simd.h"

#if defined(__x86_64__) || defined(__i386__)
namespace synsight {

SimdLevel simd_level() {
  if (__builtin_cpu_supports("avx512f")) return SimdLevel::kAvx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return SimdLevel::kAvx2;
  return SimdLevel::kBaseline;
}

}  // namespace synsight
#endif
