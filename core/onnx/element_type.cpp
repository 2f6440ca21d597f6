// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/element_type.h"

#include <iterator>
#include <string>
#include <string_view>

namespace synsight::onnx {

namespace {

struct ElementType {
  std::string_view name;
  DType dtype = DType::kUndefined;
};

// By TensorProto.DataType's number.
constexpr ElementType kElementTypes[] = {
    {"undefined"},
    {"float", DType::kFloat32},
    {"uint8", DType::kUInt8},
    {"int8", DType::kInt8},
    {"uint16", DType::kUInt16},
    {"int16", DType::kInt16},
    {"int32", DType::kInt32},
    {"int64", DType::kInt64},
    {"string"},
    {"bool", DType::kBool},
    {"float16", DType::kFloat16},
    {"double", DType::kFloat64},
    {"uint32", DType::kUInt32},
    {"uint64", DType::kUInt64},
    {"complex64"},
    {"complex128"},
    {"bfloat16", DType::kBFloat16},
    {"float8e4m3fn"},
    {"float8e4m3fnuz"},
    {"float8e5m2"},
    {"float8e5m2fnuz"},
    {"uint4"},
    {"int4"},
    {"float4e2m1"},
    {"float8e8m0"},
    {"uint2"},
    {"int2"},
    {"float6e2m3"},
    {"float6e3m2"},
};

}  // namespace

DType element_type(uint64_t data_type) {
  return data_type < std::size(kElementTypes) ? kElementTypes[data_type].dtype : DType::kUndefined;
}

std::string element_type_name(uint64_t data_type) {
  return data_type < std::size(kElementTypes) ? std::string(kElementTypes[data_type].name)
                                              : std::to_string(data_type);
}

}  // namespace synsight::onnx
