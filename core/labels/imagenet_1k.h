// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

namespace synsight::labels {

/// One line of assets/imagenet-1k.tsv.
struct ClassRow {
  const char* wnid;
  const char* label;
  const char* name;
};

/// In the order of training. CMakeLists.txt writes the definition from the asset.
extern const std::array<ClassRow, 1000> kImageNet1k;

}  // namespace synsight::labels
