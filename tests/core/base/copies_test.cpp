// SPDX-License-Identifier: Apache-2.0
// The C library's copies and fills, which are ours in WebAssembly (web/wasm/copies.c).
#include <cstddef>
#include <cstring>
#include <vector>

#include "doctest/doctest.h"

namespace {

using Bytes = std::vector<unsigned char>;

// By pointers that no compiler looks through: it would put instructions in the calls' places.
void* (*volatile copy)(void*, const void*, size_t) = std::memcpy;
void* (*volatile move)(void*, const void*, size_t) = std::memmove;
void* (*volatile fill)(void*, int, size_t) = std::memset;

constexpr size_t kMaxSize = 200;  // several of the longest steps

Bytes numbered(size_t size) {
  Bytes bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(7 * i + 1);
  return bytes;
}

}  // namespace

TEST_CASE("bytes are copied, whatever their number and place") {
  const Bytes source = numbered(kMaxSize + 32);
  for (size_t size = 0; size <= kMaxSize; ++size) {
    for (size_t from = 0; from < 18; from += 17) {
      for (size_t to = 0; to < 18; to += 3) {
        Bytes target(kMaxSize + 32, 0xee);
        Bytes wanted = target;
        for (size_t i = 0; i < size; ++i) wanted[to + i] = source[from + i];
        CHECK(copy(target.data() + to, source.data() + from, size) == target.data() + to);
        CHECK(target == wanted);
      }
    }
  }
}

TEST_CASE("bytes are moved over themselves, forwards and backwards") {
  for (size_t size = 0; size <= kMaxSize; ++size) {
    for (const size_t distance : {0, 1, 5, 15, 16, 17, 40, 63, 64, 65, 190}) {
      for (const bool is_behind : {false, true}) {
        const size_t from = is_behind ? 0 : distance;
        const size_t to = is_behind ? distance : 0;
        Bytes bytes = numbered(2 * kMaxSize);
        Bytes wanted = bytes;
        const Bytes before = bytes;
        for (size_t i = 0; i < size; ++i) wanted[to + i] = before[from + i];
        CHECK(move(bytes.data() + to, bytes.data() + from, size) == bytes.data() + to);
        CHECK(bytes == wanted);
      }
    }
  }
}

TEST_CASE("bytes are filled, with a value's lowest byte") {
  for (size_t size = 0; size <= kMaxSize; ++size) {
    for (size_t to = 0; to < 18; ++to) {
      Bytes target = numbered(kMaxSize + 32);
      Bytes wanted = target;
      for (size_t i = 0; i < size; ++i) wanted[to + i] = 0xa5;
      CHECK(fill(target.data() + to, 0x1a5, size) == target.data() + to);
      CHECK(target == wanted);
    }
  }
}
