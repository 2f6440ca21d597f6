// SPDX-License-Identifier: Apache-2.0
#include "native/cli/suggest.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace synsight::cli {

TEST_CASE("the edit distance counts insertions, deletions, replacements and swaps") {
  struct Case {
    std::string_view a;
    std::string_view b;
    size_t wanted;
  };
  const Case cases[] = {
      {"", "", 0},      {"", "abc", 3},         {"top", "top", 0}, {"tpo", "top", 1},
      {"tp", "top", 1}, {"toop", "top", 1},     {"tap", "top", 1}, {"kitten", "sitting", 3},
      {"ca", "abc", 3}, {"abcdef", "badcfe", 3}};
  for (const auto& [a, b, wanted] : cases) {
    CAPTURE(a);
    CAPTURE(b);
    CHECK(edit_distance(a, b) == wanted);
    CHECK(edit_distance(b, a) == wanted);
  }
}

TEST_CASE("the nearest name is suggested, and none that is far") {
  const std::vector<std::string> names = {"--top", "--threads", "--timeout-ms"};
  CHECK(suggestion("--tpo", names) == "; did you mean --top?");
  CHECK(suggestion("--thread", names) == "; did you mean --threads?");
  CHECK(suggestion("--timeout", names) == "; did you mean --timeout-ms?");
  CHECK(suggestion("--output", names) == "");
  CHECK(suggestion("anything", {}) == "");
  CHECK(suggestion("--TOP", names) == "; did you mean --top?");
  CHECK(suggestion("--time", names) == "; did you mean --timeout-ms?");
  CHECK(suggestion("--", names) == "");
}

}  // namespace synsight::cli
