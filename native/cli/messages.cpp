// SPDX-License-Identifier: Apache-2.0
#include "native/cli/messages.h"

#include <cstdio>

namespace synsight::cli {

namespace {

void print_line(std::string_view kind, std::string_view message) {
  const std::string line = std::string(kind) + ": " + printable(message) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

void print_error(std::string_view message) { print_line("error", message); }

void print_warning(std::string_view message) { print_line("warning", message); }

void print_note(std::string_view message) { print_line("note", message); }

std::string printable(std::string_view text) {
  std::string clean(text);
  for (char& character : clean) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7f) character = '?';
  }
  return clean;
}

}  // namespace synsight::cli
