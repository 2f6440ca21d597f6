// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace synsight::cli {

/// How many characters must be inserted, deleted, replaced or swapped with their neighbour to turn
/// `a` into `b` (optimal string alignment).
size_t edit_distance(std::string_view a, std::string_view b);

/// `; did you mean --top?` with the nearest of `names`, or nothing where none is near. Near is also
/// what is spelled in another case, or holds all that was typed.
std::string suggestion(std::string_view typed, std::span<const std::string> names);

}  // namespace synsight::cli
