// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace synsight::labels {

/// One class of a network's output.
struct ClassInfo {
  std::string wnid;   // WordNet id, `n02123045`; empty where the classes are not ImageNet's
  std::string label;  // Keras's label, `tabby`
  std::string name;   // for people, `tabby cat`
};

/// The classes in the order of a network's output.
using ClassTable = std::vector<ClassInfo>;

/// The value of `synsight.classes`: `imagenet-1k`, the 1000 classes of assets/imagenet-1k.tsv in
/// training order, which are compiled in; or one label a line. A line `wnid<TAB>label` gives
/// both, `wnid<TAB>label<TAB>name` all; else a class's name is its label with spaces for `_`.
/// Errors: kInvalidArgument for an empty list or a line without a label.
Result<ClassTable> parse_classes(std::string_view text);

/// Table of `count` classes named `class 0`, ... for networks whose classes nobody knows.
ClassTable numbered_classes(size_t count);

}  // namespace synsight::labels
