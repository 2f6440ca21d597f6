// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "native/cli/model_options.h"

namespace synsight::cli {

/// What is allowed, of the range of a value's elements.
struct Tolerance {
  std::string_view precision;
  double at_most;
  bool has_all_values = false;  // or only the outputs
};

// Sums of a few thousand products of f32 in another order differ by some 1e-6. What is stored
// shorter is rounded at each node: some twenty of its steps. Within the network a sum may cancel,
// so that its range is less than its roundings: in efficientnet-lite0 they are 8 % of one in f16,
// and 0.4 % of the outputs'.
inline constexpr Tolerance kTolerances[] = {
    {"f32", 1e-4, true}, {"tf32", 1e-2}, {"f16", 1e-2}, {"bf16", 8e-2}};

/// What a backend that was made with these options is held to: on a CPU everything is f32.
inline const Tolerance& tolerance_of(const Backend& backend, const EngineOptions& options) {
  const std::string precision = backend.uses_device() ? options.precision : "f32";
  return *std::find_if(std::begin(kTolerances), std::end(kTolerances),
                       [&](const Tolerance& known) { return known.precision == precision; });
}

}  // namespace synsight::cli
