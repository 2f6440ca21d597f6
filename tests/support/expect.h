// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "core/base/result.h"

namespace synsight::test {

/// The value of a Result that a test needs to go on. An Error ends the test program, which fails:
/// without exceptions nothing less stops a test.
template <typename T>
T expect(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "unexpected error: %s\n", result.error().message.c_str());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace synsight::test
