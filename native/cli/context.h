// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "core/backend/backend.h"
#include "core/base/cancellation.h"
#include "core/base/result.h"

namespace synsight::cli {

inline constexpr int kExitSuccess = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;

/// What every command gets from `main`. Outlives every command.
struct Context {
  std::vector<const Backend*> backends;  // in the order in which `--backend auto` tries them
  const CancelFlag* cancel = nullptr;    // raised by Ctrl-C
};

/// What the command line asked for. Returns the exit code of the process.
using Action = std::function<Result<int>()>;

}  // namespace synsight::cli
