// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace synsight::labels {

/// The classes in the order of training, as `parse_classes` reads them. CMakeLists.txt writes the
/// definition from assets/imagenet-1k.tsv. One text, because so it travels in half the bytes that a
/// table of strings takes.
extern const std::string_view kImageNet1k;

}  // namespace synsight::labels
