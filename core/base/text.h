// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace synsight {

/// One part of a message: text, or a number to be written in decimal.
class TextPiece {
 public:
  TextPiece(std::string_view text) : text_(text) {}
  TextPiece(const char* text) : text_(text) {}
  TextPiece(const std::string& text) : text_(text) {}
  template <std::integral T>
  TextPiece(T number) : text_(std::to_string(number)) {}
  TextPiece(double number);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// The pieces one after the other. Used for messages; the core has no iostreams, for the size of
/// its wasm build.
std::string concat(std::initializer_list<TextPiece> pieces);

}  // namespace synsight
