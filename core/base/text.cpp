// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"

#include <cstdio>

namespace synsight {

TextPiece::TextPiece(double number) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%g", number);
  text_ = buffer;
}

std::string concat(std::initializer_list<TextPiece> pieces) {
  std::string joined;
  for (const TextPiece& piece : pieces) joined += piece.text();
  return joined;
}

}  // namespace synsight
