// SPDX-License-Identifier: Apache-2.0
#include "tests/core/capi/plain_c.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/core/capi/capi_models.h"

using namespace synsight::test;

TEST_CASE("the C API works from C") {
  const std::string model = color_model();
  const std::string picture = bmp(3, 7, 10, 20, 30);
  const char* problem =
      find_problem_in_plain_c(model.data(), model.size(), picture.data(), picture.size(), "blue");
  CHECK((problem == nullptr ? "none" : problem) == std::string("none"));
  problem =
      find_problem_in_plain_c(model.data(), model.size(), picture.data(), picture.size(), "red");
  CHECK((problem == nullptr ? "none" : problem) == std::string("the best class is another one"));
}
