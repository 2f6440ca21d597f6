// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_data.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>

namespace synsight::test {

std::optional<std::string> find_test_data(std::string_view name) {
  const char* folder = std::getenv("TEST_DATA");
  std::string path = folder != nullptr ? folder : SYNSIGHT_SOURCE_DIR "/../shared/data";
  path += "/";
  path += name;
  if (std::FILE* file = std::fopen(path.c_str(), "rb")) {
    std::fclose(file);
    return path;
  }
  MESSAGE("skipped: there is no ", path);
  return std::nullopt;
}

}  // namespace synsight::test
