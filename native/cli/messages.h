// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace synsight::cli {

/// Writes one line to stderr: `error: ...`. Whatever would break the line is replaced.
void print_error(std::string_view message);

/// Writes one line to stderr: `warning: ...`.
void print_warning(std::string_view message);

/// Writes one line to stderr: `note: ...`.
void print_note(std::string_view message);

/// The text with every control character replaced by `?`, so that a file's name or a model's text
/// can neither break a line nor steer a terminal.
std::string printable(std::string_view text);

}  // namespace synsight::cli
