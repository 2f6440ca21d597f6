// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/small_messages.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/onnx/element_type.h"
#include "core/onnx/field_numbers.h"
#include "core/onnx/wire.h"

namespace synsight::onnx {

namespace {

constexpr int64_t kUnknownDim = -1;

// TensorShapeProto.Dimension. Only a number that makes sense counts: exporters also write -1.
Result<int64_t> decode_dim(std::span<const std::byte> bytes) {
  int64_t dim = kUnknownDim;
  FieldCursor cursor(bytes);
  while (cursor.next()) {
    const Field& field = cursor.field();
    if (field.key() == field_key(dimension_field::kDimValue, WireType::kVarint)) {
      dim = std::max(static_cast<int64_t>(field.value), kUnknownDim);
    }
  }
  SYNSIGHT_TRY(cursor.status());
  return dim;
}

// TensorShapeProto.
Status decode_shape(std::span<const std::byte> bytes, ValueRecord& record) {
  std::vector<int64_t> dims;
  FieldCursor cursor(bytes);
  while (cursor.next()) {
    const Field& field = cursor.field();
    if (field.key() == field_key(shape_field::kDim, WireType::kBytes)) {
      SYNSIGHT_TRY_ASSIGN(const int64_t dim, decode_dim(field.bytes));
      dims.push_back(dim);
    }
  }
  SYNSIGHT_TRY(cursor.status());
  SYNSIGHT_TRY_ASSIGN(record.shape, Shape::from_dims(dims));
  record.has_shape = true;
  return {};
}

// TypeProto.Tensor.
Status decode_tensor_type(std::span<const std::byte> bytes, ValueRecord& record) {
  FieldCursor cursor(bytes);
  while (cursor.next()) {
    const Field& field = cursor.field();
    if (field.key() == field_key(tensor_type_field::kElemType, WireType::kVarint)) {
      record.dtype = element_type(field.value);
      const bool is_unsupported = record.dtype == DType::kUndefined && field.value != 0;
      record.unsupported_type = is_unsupported ? element_type_name(field.value) : "";
    } else if (field.key() == field_key(tensor_type_field::kShape, WireType::kBytes)) {
      SYNSIGHT_TRY(decode_shape(field.bytes, record));
    }
  }
  return cursor.status();
}

// TypeProto.
Status decode_type(std::span<const std::byte> bytes, ValueRecord& record) {
  FieldCursor cursor(bytes);
  while (cursor.next()) {
    const Field& field = cursor.field();
    switch (field.key()) {
      case field_key(type_field::kTensorType, WireType::kBytes):
        SYNSIGHT_TRY(decode_tensor_type(field.bytes, record));
        break;
      case field_key(type_field::kSequenceType, WireType::kBytes):
        record.unsupported_type = "sequence";
        break;
      case field_key(type_field::kMapType, WireType::kBytes):
        record.unsupported_type = "map";
        break;
      case field_key(type_field::kOpaqueType, WireType::kBytes):
        record.unsupported_type = "opaque";
        break;
      case field_key(type_field::kSparseTensorType, WireType::kBytes):
        record.unsupported_type = "sparse tensor";
        break;
      case field_key(type_field::kOptionalType, WireType::kBytes):
        record.unsupported_type = "optional";
        break;
      default:
        break;
    }
  }
  return cursor.status();
}

}  // namespace

Result<StringEntry> decode_string_entry(std::span<const std::byte> bytes) {
  StringEntry entry;
  FieldCursor cursor(bytes);
  while (cursor.next()) {
    const Field& field = cursor.field();
    if (field.key() == field_key(string_entry_field::kKey, WireType::kBytes))
      entry.key = field.text();
    if (field.key() == field_key(string_entry_field::kValue, WireType::kBytes))
      entry.value = field.text();
  }
  SYNSIGHT_TRY(cursor.status());
  return entry;
}

Status decode_opset_import(std::span<const std::byte> bytes, OpsetImports& opsets) {
  std::string domain;
  int64_t version = 0;
  FieldCursor cursor(bytes);
  while (cursor.next()) {
    const Field& field = cursor.field();
    if (field.key() == field_key(opset_field::kDomain, WireType::kBytes)) domain = field.text();
    if (field.key() == field_key(opset_field::kVersion, WireType::kVarint))
      version = static_cast<int64_t>(field.value);
  }
  SYNSIGHT_TRY(cursor.status());
  opsets[normalize_domain(std::move(domain))] = version;
  return {};
}

Result<ValueRecord> decode_value_info(std::span<const std::byte> bytes) {
  ValueRecord record;
  FieldCursor cursor(bytes);
  while (cursor.next()) {
    const Field& field = cursor.field();
    if (field.key() == field_key(value_info_field::kName, WireType::kBytes))
      record.name = field.text();
    if (field.key() == field_key(value_info_field::kType, WireType::kBytes)) {
      SYNSIGHT_TRY(decode_type(field.bytes, record));
    }
  }
  SYNSIGHT_TRY(cursor.status());
  return record;
}

std::string normalize_domain(std::string domain) {
  return domain == "ai.onnx" ? std::string() : std::move(domain);
}

}  // namespace synsight::onnx
