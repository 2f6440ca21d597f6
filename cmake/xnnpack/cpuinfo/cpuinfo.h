/* SPDX-License-Identifier: Apache-2.0 */
/* The part of upstream's cpuinfo that XNNPACK asks on x86, answered by the compiler's own CPU test,
   which also checks that the operating system saves the wide registers. What only kernels that are
   not built would use is absent. */
#pragma once

#include <stdbool.h>

static inline bool cpuinfo_initialize(void) {
  __builtin_cpu_init();
  return true;
}

static inline bool cpuinfo_has_x86_sse2(void) { return __builtin_cpu_supports("sse2"); }
static inline bool cpuinfo_has_x86_ssse3(void) { return __builtin_cpu_supports("ssse3"); }
static inline bool cpuinfo_has_x86_sse4_1(void) { return __builtin_cpu_supports("sse4.1"); }
static inline bool cpuinfo_has_x86_avx(void) { return __builtin_cpu_supports("avx"); }
static inline bool cpuinfo_has_x86_fma3(void) { return __builtin_cpu_supports("fma"); }
static inline bool cpuinfo_has_x86_avx2(void) { return __builtin_cpu_supports("avx2"); }
static inline bool cpuinfo_has_x86_avx512f(void) { return __builtin_cpu_supports("avx512f"); }
static inline bool cpuinfo_has_x86_avx512bw(void) { return __builtin_cpu_supports("avx512bw"); }
static inline bool cpuinfo_has_x86_avx512dq(void) { return __builtin_cpu_supports("avx512dq"); }
static inline bool cpuinfo_has_x86_avx512vl(void) { return __builtin_cpu_supports("avx512vl"); }

static inline bool cpuinfo_has_x86_f16c(void) { return false; }
static inline bool cpuinfo_has_x86_amx_int8(void) { return false; }

/* The first Zen runs 256-bit operations as two halves and has kernels of its own. */
enum cpuinfo_uarch { cpuinfo_uarch_unknown, cpuinfo_uarch_zen, cpuinfo_uarch_dhyana };
struct cpuinfo_core {
  enum cpuinfo_uarch uarch;
};

static inline const struct cpuinfo_core* cpuinfo_get_core(unsigned index) {
  static const struct cpuinfo_core kUnknown = {cpuinfo_uarch_unknown};
  static const struct cpuinfo_core kZen = {cpuinfo_uarch_zen};
  (void)index;
  return __builtin_cpu_is("znver1") ? &kZen : &kUnknown;
}
