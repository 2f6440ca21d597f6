// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace synsight::test {

/// The path of a file or folder of the test data, which lies in $TEST_DATA or beside the project in
/// ../shared/data. Where it is missing: nothing, and a line that says that the test was skipped.
std::optional<std::string> find_test_data(std::string_view name);

}  // namespace synsight::test
