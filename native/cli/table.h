// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace synsight::cli {

enum class Align { kLeft, kRight };

/// One column of a table of text.
struct Column {
  std::string title;
  Align align = Align::kLeft;
  size_t width = 0;  // in characters; cells that are longer push what follows
};

/// One line of cells, two blanks apart, ended by a newline and without blanks before it.
std::string format_row(std::span<const Column> columns, std::span<const std::string> cells);

/// The line of the columns' titles.
std::string format_titles(std::span<const Column> columns);

/// Titles and rows, each column as wide as its widest cell.
std::string format_table(std::vector<Column> columns,
                         const std::vector<std::vector<std::string>>& rows);

/// The number of characters of UTF-8 text.
size_t num_characters(std::string_view text);

/// printf's %.*f.
std::string fixed(double number, int decimals);

/// `138,357,544`.
std::string with_commas(size_t number);

}  // namespace synsight::cli
