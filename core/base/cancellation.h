// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <optional>

#include "core/base/result.h"

namespace synsight {

/// Raised from any thread to stop a run between two nodes.
class CancelFlag {
 public:
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  void reset() { cancelled_.store(false, std::memory_order_relaxed); }
  bool is_cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
};

using Clock = std::chrono::steady_clock;

/// Milliseconds from `start` to now.
inline double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// A point in time after which a run stops; none: it never does.
using Deadline = std::optional<Clock::time_point>;

/// kCancelled or kDeadlineExceeded where a run must stop now. `cancel` may be null.
Status check_may_continue(const CancelFlag* cancel, const Deadline& deadline);

}  // namespace synsight
