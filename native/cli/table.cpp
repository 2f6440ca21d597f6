// SPDX-License-Identifier: Apache-2.0
#include "native/cli/table.h"

#include <algorithm>
#include <cstdio>

namespace synsight::cli {

size_t num_characters(std::string_view text) {
  const auto starts_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  };
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string format_row(std::span<const Column> columns, std::span<const std::string> cells) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    const size_t length = num_characters(cells[i]);
    const std::string padding(columns[i].width > length ? columns[i].width - length : 0, ' ');
    line += i == 0 ? "" : "  ";
    line += columns[i].align == Align::kRight ? padding + cells[i] : cells[i] + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string format_titles(std::span<const Column> columns) {
  std::vector<std::string> titles;
  for (const Column& column : columns) titles.push_back(column.title);
  return format_row(columns, titles);
}

std::string format_table(std::vector<Column> columns,
                         const std::vector<std::vector<std::string>>& rows) {
  for (size_t i = 0; i < columns.size(); ++i) {
    size_t width = num_characters(columns[i].title);
    for (const auto& row : rows) width = std::max(width, num_characters(row[i]));
    columns[i].width = width;
  }
  std::string text = format_titles(columns);
  for (const auto& row : rows) text += format_row(columns, row);
  return text;
}

std::string fixed(double number, int decimals) {
  std::string text(static_cast<size_t>(std::snprintf(nullptr, 0, "%.*f", decimals, number)), '\0');
  std::snprintf(text.data(), text.size() + 1, "%.*f", decimals, number);
  return text;
}

std::string with_commas(size_t number) {
  std::string text = std::to_string(number);
  for (size_t i = text.size(); i > 3;) text.insert(i -= 3, ",");
  return text;
}

}  // namespace synsight::cli
