// SPDX-License-Identifier: Apache-2.0
#include "core/ops/element_types.h"

#include <algorithm>
#include <string>

#include "core/base/text.h"

namespace synsight::ops {

Status check_dtype(std::string_view what, DType dtype, std::initializer_list<DType> wanted) {
  if (std::find(wanted.begin(), wanted.end(), dtype) != wanted.end()) return {};
  std::string names;
  for (const DType candidate : wanted) {
    if (!names.empty()) names += ", ";
    names += dtype_name(candidate);
  }
  return fail(ErrorCode::kUnsupportedType,
              concat({what, " has element type ", dtype_name(dtype), ", wanted ", names}));
}

}  // namespace synsight::ops
