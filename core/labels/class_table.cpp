// SPDX-License-Identifier: Apache-2.0
#include "core/labels/class_table.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "core/labels/imagenet_1k.h"

namespace synsight::labels {

namespace {

/// `text` up to `end`, which is taken from its front with it; all of it where `end` does not occur.
std::string_view take_until(std::string_view& text, char end) {
  const size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

ClassInfo parse_class(std::string_view line) {
  ClassInfo info;
  if (line.find('\t') != std::string_view::npos) info.wnid = take_until(line, '\t');
  info.label = take_until(line, '\t');
  info.name = line;
  if (line.empty()) {
    info.name = info.label;
    std::replace(info.name.begin(), info.name.end(), '_', ' ');
  }
  return info;
}

}  // namespace

Result<ClassTable> parse_classes(std::string_view text) {
  if (text == "imagenet-1k") text = kImageNet1k;
  ClassTable table;
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    ClassInfo info = parse_class(line);
    if (info.label.empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  concat({"the list of classes has no label in line ", table.size() + 1}));
    }
    table.push_back(std::move(info));
  }
  if (table.empty()) return fail(ErrorCode::kInvalidArgument, "the list of classes is empty");
  return table;
}

ClassTable numbered_classes(size_t count) {
  ClassTable table(count);
  for (size_t i = 0; i < count; ++i) table[i].label = table[i].name = concat({"class ", i});
  return table;
}

}  // namespace synsight::labels
