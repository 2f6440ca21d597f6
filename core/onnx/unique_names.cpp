// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/unique_names.h"

#include "core/base/text.h"

namespace synsight::onnx {

std::string UniqueNames::make(const std::string& wanted) {
  if (take(wanted)) return wanted;
  size_t number = taken_[wanted] + 2;
  std::string name = concat({wanted, "_", number});
  while (!take(name)) name = concat({wanted, "_", ++number});
  taken_[wanted] = number - 1;
  return name;
}

}  // namespace synsight::onnx
