// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// The numbers of the fields that the reader knows, by message. Source: onnx.proto.
namespace synsight::onnx {

namespace model_field {
inline constexpr uint32_t kIrVersion = 1;
inline constexpr uint32_t kProducerName = 2;
inline constexpr uint32_t kProducerVersion = 3;
inline constexpr uint32_t kGraph = 7;
inline constexpr uint32_t kOpsetImport = 8;
inline constexpr uint32_t kMetadataProps = 14;
inline constexpr uint32_t kFunctions = 25;
}  // namespace model_field

namespace graph_field {
inline constexpr uint32_t kNode = 1;
inline constexpr uint32_t kName = 2;
inline constexpr uint32_t kInitializer = 5;
inline constexpr uint32_t kInput = 11;
inline constexpr uint32_t kOutput = 12;
inline constexpr uint32_t kValueInfo = 13;
inline constexpr uint32_t kSparseInitializer = 15;
}  // namespace graph_field

namespace function_field {
inline constexpr uint32_t kName = 1;
inline constexpr uint32_t kInput = 4;
inline constexpr uint32_t kOutput = 5;
inline constexpr uint32_t kNode = 7;
inline constexpr uint32_t kOpsetImport = 9;
inline constexpr uint32_t kDomain = 10;
inline constexpr uint32_t kAttributeProto = 11;
inline constexpr uint32_t kOverload = 13;
}  // namespace function_field

namespace node_field {
inline constexpr uint32_t kInput = 1;
inline constexpr uint32_t kOutput = 2;
inline constexpr uint32_t kName = 3;
inline constexpr uint32_t kOpType = 4;
inline constexpr uint32_t kAttribute = 5;
inline constexpr uint32_t kDomain = 7;
inline constexpr uint32_t kOverload = 8;
}  // namespace node_field

namespace attribute_field {
inline constexpr uint32_t kName = 1;
inline constexpr uint32_t kF = 2;
inline constexpr uint32_t kI = 3;
inline constexpr uint32_t kS = 4;
inline constexpr uint32_t kT = 5;
inline constexpr uint32_t kFloats = 7;
inline constexpr uint32_t kInts = 8;
inline constexpr uint32_t kStrings = 9;
inline constexpr uint32_t kType = 20;
inline constexpr uint32_t kRefAttrName = 21;
}  // namespace attribute_field

namespace tensor_field {
inline constexpr uint32_t kDims = 1;
inline constexpr uint32_t kDataType = 2;
inline constexpr uint32_t kFloatData = 4;
inline constexpr uint32_t kInt32Data = 5;
inline constexpr uint32_t kInt64Data = 7;
inline constexpr uint32_t kName = 8;
inline constexpr uint32_t kRawData = 9;
inline constexpr uint32_t kDoubleData = 10;
inline constexpr uint32_t kUint64Data = 11;
inline constexpr uint32_t kExternalData = 13;
inline constexpr uint32_t kDataLocation = 14;
}  // namespace tensor_field

namespace sparse_tensor_field {
inline constexpr uint32_t kValues = 1;
}

namespace value_info_field {
inline constexpr uint32_t kName = 1;
inline constexpr uint32_t kType = 2;
}  // namespace value_info_field

namespace type_field {
inline constexpr uint32_t kTensorType = 1;
inline constexpr uint32_t kSequenceType = 4;
inline constexpr uint32_t kMapType = 5;
inline constexpr uint32_t kOpaqueType = 7;
inline constexpr uint32_t kSparseTensorType = 8;
inline constexpr uint32_t kOptionalType = 9;
}  // namespace type_field

namespace tensor_type_field {
inline constexpr uint32_t kElemType = 1;
inline constexpr uint32_t kShape = 2;
}  // namespace tensor_type_field

namespace shape_field {
inline constexpr uint32_t kDim = 1;
}

namespace dimension_field {
inline constexpr uint32_t kDimValue = 1;
}

namespace string_entry_field {
inline constexpr uint32_t kKey = 1;
inline constexpr uint32_t kValue = 2;
}  // namespace string_entry_field

namespace opset_field {
inline constexpr uint32_t kDomain = 1;
inline constexpr uint32_t kVersion = 2;
}  // namespace opset_field

}  // namespace synsight::onnx
