// SPDX-License-Identifier: Apache-2.0
// The C library's copies and fills, by SIMD: those that Emscripten links for -Oz go byte by byte.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

// Source and target may overlap where the target lies before.
static void copy_forwards(char* to, const char* from, size_t size) {
  size_t i = 0;
  for (; i + 64 <= size; i += 64) {
    const v128_t a = wasm_v128_load(from + i);
    const v128_t b = wasm_v128_load(from + i + 16);
    const v128_t c = wasm_v128_load(from + i + 32);
    const v128_t d = wasm_v128_load(from + i + 48);
    wasm_v128_store(to + i, a);
    wasm_v128_store(to + i + 16, b);
    wasm_v128_store(to + i + 32, c);
    wasm_v128_store(to + i + 48, d);
  }
  for (; i + 16 <= size; i += 16) wasm_v128_store(to + i, wasm_v128_load(from + i));
  for (; i < size; ++i) to[i] = from[i];
}

// Source and target may overlap where the target lies behind.
static void copy_backwards(char* to, const char* from, size_t size) {
  for (; size >= 16; size -= 16) {
    wasm_v128_store(to + size - 16, wasm_v128_load(from + size - 16));
  }
  for (; size > 0; --size) to[size - 1] = from[size - 1];
}

void* memcpy(void* restrict target, const void* restrict source, size_t size) {
  copy_forwards(target, source, size);
  return target;
}

void* memmove(void* target, const void* source, size_t size) {
  const bool is_behind = (uintptr_t)target - (uintptr_t)source < size;
  (is_behind ? copy_backwards : copy_forwards)(target, source, size);
  return target;
}

void* memset(void* target, int value, size_t size) {
  char* to = target;
  const v128_t values = wasm_i8x16_splat((int8_t)value);
  size_t i = 0;
  for (; i + 16 <= size; i += 16) wasm_v128_store(to + i, values);
  for (; i < size; ++i) to[i] = (char)value;
  return target;
}
