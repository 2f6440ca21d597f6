// SPDX-License-Identifier: Apache-2.0
#include "core/image/decimal.h"

#include <cmath>
#include <cstdint>

namespace synsight::image {

namespace {

// Integers up to 2^53 and powers of ten up to 10^22 are exact doubles, so one multiplication or
// division of them gives the nearest double.
constexpr uint64_t kMaxExactInteger = uint64_t{1} << 53;
constexpr int kMaxExactPower = 22;

double power_of_ten(int exponent) {
  double power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes an optional sign from the front of `text`: true for a minus.
bool take_sign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

/// A whole exponent, `-3`, of at most three digits.
std::optional<int> parse_exponent(std::string_view text) {
  const bool negative = take_sign(text);
  if (text.empty() || text.size() > 3) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

}  // namespace

std::optional<double> parse_decimal(std::string_view text) {
  const bool negative = take_sign(text);
  uint64_t digits = 0;
  int exponent = 0;
  bool has_digits = false;
  bool has_point = false;
  bool is_full = false;  // further digits do not fit and do not show
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && !has_point) {
      has_point = true;
      continue;
    }
    if (!is_digit(text[at])) break;
    has_digits = true;
    const uint64_t next = digits * 10 + static_cast<uint64_t>(text[at] - '0');
    is_full = is_full || next > kMaxExactInteger;
    if (!is_full) digits = next;
    exponent += is_full ? (has_point ? 0 : 1) : (has_point ? -1 : 0);
  }
  if (!has_digits) return std::nullopt;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    const std::optional<int> written = parse_exponent(text.substr(at + 1));
    if (!written) return std::nullopt;
    exponent += *written;
  }
  if (digits == 0) return 0.0;
  if (exponent < -kMaxExactPower || exponent > kMaxExactPower) return std::nullopt;
  const auto integer = static_cast<double>(digits);
  const double value =
      exponent < 0 ? integer / power_of_ten(-exponent) : integer * power_of_ten(exponent);
  if (value > static_cast<double>(kMaxExactInteger)) return std::nullopt;
  return negative ? -value : value;
}

std::string decimal_text(double value) {
  const double magnitude = std::abs(value);
  std::string text;
  for (int num_decimals = 0; num_decimals <= kMaxExactPower; ++num_decimals) {
    const double power = power_of_ten(num_decimals);
    const double integer = std::round(magnitude * power);
    if (integer > static_cast<double>(kMaxExactInteger)) break;
    text = std::to_string(static_cast<uint64_t>(integer));
    const auto decimals = static_cast<size_t>(num_decimals);
    if (text.size() <= decimals) text.insert(0, decimals + 1 - text.size(), '0');
    if (decimals > 0) text.insert(text.size() - decimals, 1, '.');
    if (integer / power == magnitude) break;
  }
  return std::signbit(value) && value != 0 ? "-" + text : text;
}

}  // namespace synsight::image
