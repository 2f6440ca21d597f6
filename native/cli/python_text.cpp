// SPDX-License-Identifier: Apache-2.0
#include "native/cli/python_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace synsight::cli {

std::string float_text(float number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  const double magnitude = std::abs(static_cast<double>(number));
  const bool is_scientific = magnitude != 0 && magnitude < 1e-4;
  std::array<char, 64> buffer;  // the longest, -1.1754944e-38, has 14 characters
  const auto result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                    is_scientific ? std::chars_format::scientific : std::chars_format::fixed);
  std::string text(buffer.data(), result.ptr);
  if (!is_scientific && text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string string_repr(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const bool has_double = text.find('"') != std::string_view::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  std::string repr(1, quote);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\') {
      repr += {'\\', c};
    } else if (c == '\n' || c == '\r' || c == '\t') {
      repr += {'\\', c == '\n' ? 'n' : c == '\r' ? 'r' : 't'};
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 5> escape;
      std::snprintf(escape.data(), escape.size(), "\\x%02x", byte);
      repr += escape.data();
    } else {
      repr += c;
    }
  }
  return repr + quote;
}

}  // namespace synsight::cli
