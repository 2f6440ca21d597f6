// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/onnx/records.h"
#include "core/onnx/tensor_data.h"
#include "core/onnx/wire.h"

namespace synsight::onnx {

/// Builds a tensor from the fields of a TensorProto, in any order. Elements go straight into the
/// tensor's memory where `dims` and `data_type` come before them, as protobuf writes them. The
/// fields that hold elements may be set in parts.
class TensorBuilder {
 public:
  /// Errors: kInvalidModel, kShapeMismatch, kOutOfMemory.
  Status set_field(const Field& field);

  const std::string& name() const { return name_; }

  /// The tensor, or where its elements lie, or the name of its unsupported type. Errors:
  /// kInvalidModel for missing elements.
  Result<TensorRecord> finish();

 private:
  Status append_dims(const Field& field);
  Status append_data(uint32_t field_number, std::span<const std::byte> bytes);
  Status append_varint(const Field& field);
  Status set_external(const Field& field);
  Status set_data_type(uint64_t data_type);
  Status fix_type();
  bool is_unsupported() const;
  Result<ExternalRange> external_range() const;

  std::string name_;
  std::vector<int64_t> dims_;
  uint64_t data_type_ = 0;
  DType dtype_ = DType::kUndefined;
  Shape shape_;
  uint32_t data_field_ = 0;  // the one that holds the elements
  TensorData data_;
  bool is_external_ = false;
  std::string location_;
  std::string offset_;
  std::string length_;
};

}  // namespace synsight::onnx
