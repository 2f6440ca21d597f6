// SPDX-License-Identifier: Apache-2.0
#include "native/cli/prefetch.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <memory>

namespace synsight::cli {

TEST_CASE("items come in order, each once, whatever the number of threads") {
  for (const size_t num_threads : {1, 2, 7}) {
    for (const size_t capacity : {1, 3, 100}) {
      Prefetch<std::unique_ptr<size_t>> prefetch(
          500, num_threads, capacity, [](size_t i) { return std::make_unique<size_t>(i); });
      for (size_t i = 0; i < 500; ++i) CHECK(*prefetch.take() == i);
    }
  }
}

TEST_CASE("never more are made ahead than the capacity") {
  constexpr size_t kCapacity = 4;
  std::atomic<size_t> num_made = 0;
  std::atomic<size_t> num_taken = 0;
  std::atomic<size_t> most_ahead = 0;
  Prefetch<size_t> prefetch(1000, 3, kCapacity, [&](size_t i) {
    const size_t ahead = ++num_made - num_taken;
    size_t most = most_ahead;
    while (ahead > most && !most_ahead.compare_exchange_weak(most, ahead)) {
    }
    return i;
  });
  for (size_t i = 0; i < 1000; ++i) {
    ++num_taken;  // before, so that the count of those ahead is never too high
    CHECK(prefetch.take() == i);
  }
  CHECK(num_made == 1000);
  CHECK(most_ahead <= kCapacity);
}

TEST_CASE("what nobody takes is dropped") {
  auto counted = std::make_shared<int>(0);
  {
    Prefetch<std::shared_ptr<int>> prefetch(1000, 4, 8, [&](size_t) { return counted; });
    prefetch.take();
  }
  CHECK(counted.use_count() == 1);
}

TEST_CASE("nothing to make is fine") {
  const Prefetch<int> prefetch(0, 2, 4, [](size_t) { return 0; });
}

}  // namespace synsight::cli
