// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "tests/conformance/conformance_case.h"

using namespace synsight;
using namespace synsight::test;

TEST_CASE("the onnx package's networks give their expected outputs on every backend") {
  const auto folders = find_cases("networks");
  if (!folders) return;
  CHECK(folders->size() == 9);
  for (const std::string& folder : *folders) {
    CAPTURE(folder);
    const auto network = read_case(folder);
    REQUIRE(network.has_value());
    for (const Runner& runner : all_runners()) {
      if (!runner.is_optimized) continue;
      CAPTURE(runner.name);
      const auto outputs = run_case(*network, runner, Feeding::kAll);
      if (!outputs) {
        FAIL_CHECK(outputs.error().message);
        continue;
      }
      CHECK(difference(*network, *outputs) == "");
    }
  }
}
