// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/attribute_builder.h"

#include <bit>
#include <utility>

#include "core/base/text.h"
#include "core/onnx/field_numbers.h"

namespace synsight::onnx {

namespace {

// AttributeProto.AttributeType.
enum class AttributeType : uint64_t {
  kFloat = 1,
  kInt = 2,
  kString = 3,
  kTensor = 4,
  kGraph = 5,
  kFloats = 6,
  kInts = 7,
  kStrings = 8,
  kTensors = 9,
  kGraphs = 10,
  kSparseTensor = 11,
  kSparseTensors = 12,
  kTypeProto = 13,
  kTypeProtos = 14,
};

}  // namespace

Status AttributeBuilder::set_field(const Field& field) {
  using namespace attribute_field;
  switch (field.key()) {
    case field_key(kName, WireType::kBytes):
      name_ = field.text();
      break;
    case field_key(kF, WireType::kFixed32):
      f_ = std::bit_cast<float>(static_cast<uint32_t>(field.value));
      break;
    case field_key(kI, WireType::kVarint):
      i_ = static_cast<int64_t>(field.value);
      break;
    case field_key(kS, WireType::kBytes):
      s_ = field.text();
      break;
    case field_key(kFloats, WireType::kFixed32):
    case field_key(kFloats, WireType::kBytes):
      return append_floats(field, floats_);
    case field_key(kInts, WireType::kVarint):
    case field_key(kInts, WireType::kBytes):
      return append_ints(field, ints_);
    case field_key(kStrings, WireType::kBytes):
      strings_.push_back(field.text());
      break;
    case field_key(kType, WireType::kVarint):
      type_ = field.value;
      break;
    case field_key(kRefAttrName, WireType::kBytes):
      reference_ = field.text();
      break;
    default:
      break;
  }
  return {};
}

Status AttributeBuilder::set_tensor_value(AttributeRecord& record) {
  if (tensor_.dtype == DType::kUndefined && tensor_.unsupported_type.empty()) {
    if (reference_.empty()) return fail(ErrorCode::kInvalidModel, "has no tensor");
  } else if (tensor_.external) {
    record.unsupported_kind = "a tensor in an external file";
  } else if (!tensor_.unsupported_type.empty()) {
    record.unsupported_kind = concat({"a tensor of type ", tensor_.unsupported_type});
  } else {
    record.attribute.value = std::move(tensor_.tensor);
  }
  return {};
}

Status AttributeBuilder::set_value(AttributeRecord& record) {
  using enum AttributeType;
  switch (AttributeType{type_}) {
    case kFloat:
      record.attribute.value = f_;
      break;
    case kInt:
      record.attribute.value = i_;
      break;
    case kString:
      record.attribute.value = std::move(s_);
      break;
    case kTensor:
      return set_tensor_value(record);
    case kFloats:
      record.attribute.value = std::move(floats_);
      break;
    case kInts:
      record.attribute.value = std::move(ints_);
      break;
    case kStrings:
      record.attribute.value = std::move(strings_);
      break;
    case kGraph:
    case kGraphs:
      record.unsupported_kind = "a graph";
      break;
    case kTensors:
      record.unsupported_kind = "a list of tensors";
      break;
    case kSparseTensor:
    case kSparseTensors:
      record.unsupported_kind = "a sparse tensor";
      break;
    case kTypeProto:
    case kTypeProtos:
      record.unsupported_kind = "a type";
      break;
    default:
      return fail(ErrorCode::kInvalidModel, concat({"has the unknown type ", type_}));
  }
  return {};
}

Result<AttributeRecord> AttributeBuilder::finish() {
  AttributeRecord record;
  SYNSIGHT_TRY(set_value(record));
  record.attribute.name = std::move(name_);
  record.reference = std::move(reference_);
  return record;
}

}  // namespace synsight::onnx
