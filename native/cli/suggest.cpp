// SPDX-License-Identifier: Apache-2.0
#include "native/cli/suggest.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "core/base/text.h"

namespace synsight::cli {

namespace {

// Less is part of too many names to mean one of them.
constexpr size_t kShortestPart = 4;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_previous(b.size() + 1);
  std::vector<size_t> previous(b.size() + 1);
  std::vector<size_t> current(b.size() + 1);
  std::iota(current.begin(), current.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_previous, previous);
    std::swap(previous, current);
    current[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before_previous[j - 2] + 1);
      }
    }
  }
  return current.back();
}

std::string suggestion(std::string_view typed, std::span<const std::string> names) {
  const std::string small_typed = lower_case(typed);
  const std::string* nearest = nullptr;
  size_t smallest = std::numeric_limits<size_t>::max();
  for (const std::string& name : names) {
    const std::string small_name = lower_case(name);
    const bool is_part =
        typed.size() >= kShortestPart && small_name.find(small_typed) != std::string::npos;
    const size_t distance = is_part ? 0 : edit_distance(small_typed, small_name);
    if (distance < smallest) {
      smallest = distance;
      nearest = &name;
    }
  }
  // Further than a third of what was typed is no slip of the finger.
  if (nearest == nullptr || smallest > std::max(size_t{2}, typed.size() / 3)) return "";
  return concat({"; did you mean ", *nearest, "?"});
}

}  // namespace synsight::cli
