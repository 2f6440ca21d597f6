// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/tensor_builder.h"

#include <charconv>
#include <utility>

#include "core/base/text.h"
#include "core/onnx/element_type.h"
#include "core/onnx/field_numbers.h"
#include "core/onnx/small_messages.h"

namespace synsight::onnx {

namespace {

// The field that holds elements of this type where raw_data does not.
uint32_t typed_data_field(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return tensor_field::kFloatData;
    case DType::kFloat64:
      return tensor_field::kDoubleData;
    case DType::kInt64:
      return tensor_field::kInt64Data;
    case DType::kUInt32:
    case DType::kUInt64:
      return tensor_field::kUint64Data;
    default:
      return tensor_field::kInt32Data;
  }
}

DataEncoding encoding_of(uint32_t data_field) {
  switch (data_field) {
    case tensor_field::kInt32Data:
    case tensor_field::kInt64Data:
    case tensor_field::kUint64Data:
      return DataEncoding::kVarints;
    default:
      return DataEncoding::kRaw;
  }
}

Result<uint64_t> parse_size(const std::string& text, const char* what) {
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) {
    return fail(ErrorCode::kInvalidModel,
                concat({"external ", what, " \"", text, "\" is not a number of bytes"}));
  }
  return value;
}

}  // namespace

Status TensorBuilder::set_field(const Field& field) {
  using namespace tensor_field;
  switch (field.key()) {
    case field_key(kDims, WireType::kVarint):
    case field_key(kDims, WireType::kBytes):
      return append_dims(field);
    case field_key(kDataType, WireType::kVarint):
      return set_data_type(field.value);
    case field_key(kName, WireType::kBytes):
      name_ = field.text();
      return {};
    case field_key(kFloatData, WireType::kBytes):
    case field_key(kInt32Data, WireType::kBytes):
    case field_key(kInt64Data, WireType::kBytes):
    case field_key(kRawData, WireType::kBytes):
    case field_key(kDoubleData, WireType::kBytes):
    case field_key(kUint64Data, WireType::kBytes):
      return append_data(field.number, field.bytes);
    case field_key(kFloatData, WireType::kFixed32):
      return append_data(field.number, std::as_bytes(std::span(&field.value, 1)).first(4));
    case field_key(kDoubleData, WireType::kFixed64):
      return append_data(field.number, std::as_bytes(std::span(&field.value, 1)));
    case field_key(kInt32Data, WireType::kVarint):
    case field_key(kInt64Data, WireType::kVarint):
    case field_key(kUint64Data, WireType::kVarint):
      return append_varint(field);
    case field_key(kExternalData, WireType::kBytes):
      return set_external(field);
    case field_key(kDataLocation, WireType::kVarint):
      is_external_ = field.value == 1;
      return {};
    default:
      return {};
  }
}

Status TensorBuilder::append_dims(const Field& field) {
  if (data_.has_type()) return fail(ErrorCode::kInvalidModel, "has dims on both sides of its data");
  SYNSIGHT_TRY(append_ints(field, dims_));
  SYNSIGHT_TRY_ASSIGN(shape_, Shape::from_dims(dims_));
  return {};
}

Status TensorBuilder::set_data_type(uint64_t data_type) {
  if (data_.has_type()) return fail(ErrorCode::kInvalidModel, "has two data types");
  data_type_ = data_type;
  dtype_ = element_type(data_type);
  return {};
}

bool TensorBuilder::is_unsupported() const {
  return data_type_ != 0 && dtype_ == DType::kUndefined;
}

Status TensorBuilder::append_data(uint32_t field_number, std::span<const std::byte> bytes) {
  if (data_field_ != 0 && data_field_ != field_number) {
    return fail(ErrorCode::kInvalidModel, concat({"has elements in fields ", data_field_, " and ",
                                                  field_number, ", wanted one of them"}));
  }
  data_field_ = field_number;
  if (is_unsupported()) return {};
  if (!data_.has_type() && dtype_ != DType::kUndefined && !dims_.empty()) SYNSIGHT_TRY(fix_type());
  return data_.append(bytes);
}

// A number that stands alone becomes a packed list of one.
Status TensorBuilder::append_varint(const Field& field) {
  std::byte bytes[10];
  size_t size = 0;
  uint64_t rest = field.value;
  for (; rest >= 0x80; rest >>= 7) bytes[size++] = static_cast<std::byte>(rest | 0x80);
  bytes[size++] = static_cast<std::byte>(rest);
  return append_data(field.number, std::span(bytes).first(size));
}

// From here on dims and data_type are taken as complete.
Status TensorBuilder::fix_type() {
  if (data_field_ != 0 && data_field_ != tensor_field::kRawData &&
      data_field_ != typed_data_field(dtype_)) {
    return fail(ErrorCode::kInvalidModel, concat({"holds ", dtype_name(dtype_), " in field ",
                                                  data_field_, ", which is for other types"}));
  }
  if (auto status = data_.set_type(dtype_, shape_, encoding_of(data_field_)); !status) {
    return fail(ErrorCode::kInvalidModel, std::move(status).error().message);
  }
  return {};
}

Status TensorBuilder::set_external(const Field& field) {
  SYNSIGHT_TRY_ASSIGN(StringEntry entry, decode_string_entry(field.bytes));
  if (entry.key == "location") location_ = std::move(entry.value);
  if (entry.key == "offset") offset_ = std::move(entry.value);
  if (entry.key == "length") length_ = std::move(entry.value);
  return {};
}

Result<ExternalRange> TensorBuilder::external_range() const {
  if (data_field_ != 0) {
    return fail(ErrorCode::kInvalidModel, "has elements here and in an external file");
  }
  ExternalRange range;
  range.file = location_;
  if (!offset_.empty()) {
    SYNSIGHT_TRY_ASSIGN(range.offset, parse_size(offset_, "offset"));
  }
  auto num_elements = shape_.checked_num_elements();
  if (!num_elements) return fail(ErrorCode::kInvalidModel, std::move(num_elements).error().message);
  if (!length_.empty()) {
    SYNSIGHT_TRY_ASSIGN(const uint64_t length, parse_size(length_, "length"));
    if (length != *num_elements * dtype_size(dtype_)) {
      return fail(ErrorCode::kInvalidModel,
                  concat({"has ", length, " bytes of external data, ", dtype_name(dtype_),
                          shape_.to_string(), " takes ", *num_elements * dtype_size(dtype_)}));
    }
  }
  return range;
}

Result<TensorRecord> TensorBuilder::finish() {
  if (data_type_ == 0) return fail(ErrorCode::kInvalidModel, "has no data type");
  TensorRecord record;
  record.name = name_;
  record.dtype = dtype_;
  record.shape = shape_;
  if (is_unsupported()) {
    record.unsupported_type = element_type_name(data_type_);
  } else if (is_external_) {
    SYNSIGHT_TRY_ASSIGN(record.external, external_range());
  } else {
    if (!data_.has_type()) SYNSIGHT_TRY(fix_type());
    SYNSIGHT_TRY_ASSIGN(record.tensor, data_.finish());
  }
  return record;
}

}  // namespace synsight::onnx
