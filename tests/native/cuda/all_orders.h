// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "tests/native/cuda/standin/standin.h"

namespace synsight::test {

/// Does it with a device that works only when somebody waits, and with many that work earlier.
inline void with_all_orders(const std::function<void()>& check, uint32_t num_orders = 20) {
  cuda::set_standin_haste(std::nullopt);
  check();
  for (uint32_t seed = 1; seed <= num_orders; ++seed) {
    CAPTURE(seed);
    cuda::set_standin_haste(seed);
    check();
  }
  cuda::set_standin_haste(std::nullopt);
}

}  // namespace synsight::test
