// SPDX-License-Identifier: Apache-2.0
// The C library's copies and fills by WebAssembly's bulk memory instructions, which every engine
// with SIMD has: those that Emscripten links for -Oz go byte by byte.
#include <stddef.h>

// Below this an instruction's call into the engine takes longer than the loop.
static const size_t kFewBytes = 32;

void* memcpy(void* restrict target, const void* restrict source, size_t size) {
  if (size >= kFewBytes) return __builtin_memcpy(target, source, size);
  char* to = target;
  const char* from = source;
  for (size_t i = 0; i < size; ++i) to[i] = from[i];
  return target;
}

void* memmove(void* target, const void* source, size_t size) {
  return __builtin_memmove(target, source, size);
}

void* memset(void* target, int value, size_t size) {
  if (size >= kFewBytes) return __builtin_memset(target, value, size);
  char* to = target;
  for (size_t i = 0; i < size; ++i) to[i] = (char)value;
  return target;
}
