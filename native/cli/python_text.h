// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace synsight::cli {

/// The fewest digits that give the same f32 back, laid out as NumPy prints a float32 of magnitude
/// below 2^24: `0.61`, `1.0`, `1.2e-05` (exponents are used below 1e-4), `nan`.
std::string float_text(float number);

/// A string as Python's repr() writes it.
std::string string_repr(std::string_view text);

}  // namespace synsight::cli
