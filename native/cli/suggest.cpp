// SPDX-License-Identifier: Apache-2.0
#include "native/cli/suggest.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "core/base/text.h"

namespace synsight::cli {

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
  const std::string* nearest = nullptr;
  size_t smallest = std::numeric_limits<size_t>::max();
  for (const std::string& name : names) {
    const size_t distance = edit_distance(typed, name);
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
