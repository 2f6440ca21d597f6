// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace synsight::image {

/// A decimal number, `-12.5` or `1.25e-3`, the whole of `text`: the nearest double for up to 15
/// digits, within 2e-16 of it for more. Nothing for anything else (`inf`, `nan`, hexadecimals,
/// spaces, more than 2^53, more than 22 digits behind the point). The C library's functions depend
/// on the process's locale; this one and its inverse do not, and give the same on every target.
std::optional<double> parse_decimal(std::string_view text);

/// The shortest text without an exponent that `parse_decimal` reads as `value`, which came from
/// there.
std::string decimal_text(double value);

}  // namespace synsight::image
