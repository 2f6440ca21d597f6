// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/dtype.h"

namespace synsight {

namespace {

struct DTypeTraits {
  size_t size;
  std::string_view name;
};

DTypeTraits traits(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return {4, "float32"};
    case DType::kFloat16:
      return {2, "float16"};
    case DType::kBFloat16:
      return {2, "bfloat16"};
    case DType::kFloat64:
      return {8, "float64"};
    case DType::kInt8:
      return {1, "int8"};
    case DType::kInt16:
      return {2, "int16"};
    case DType::kInt32:
      return {4, "int32"};
    case DType::kInt64:
      return {8, "int64"};
    case DType::kUInt8:
      return {1, "uint8"};
    case DType::kUInt16:
      return {2, "uint16"};
    case DType::kUInt32:
      return {4, "uint32"};
    case DType::kUInt64:
      return {8, "uint64"};
    case DType::kBool:
      return {1, "bool"};
    case DType::kUndefined:
      break;
  }
  return {0, "undefined"};
}

}  // namespace

size_t dtype_size(DType dtype) { return traits(dtype).size; }

std::string_view dtype_name(DType dtype) { return traits(dtype).name; }

}  // namespace synsight
