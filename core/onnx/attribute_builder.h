// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/onnx/records.h"
#include "core/onnx/wire.h"

namespace synsight::onnx {

/// Builds an attribute from the fields of an AttributeProto, in any order. A kind that Attribute
/// does not have is named in `unsupported_kind`.
class AttributeBuilder {
 public:
  /// Errors: kInvalidModel.
  Status set_field(const Field& field);

  /// AttributeProto.t, which the caller reads.
  void set_tensor(TensorRecord tensor) { tensor_ = std::move(tensor); }

  const std::string& name() const { return name_; }

  /// Errors: kInvalidModel where the attribute has no type.
  Result<AttributeRecord> finish();

 private:
  Status set_value(AttributeRecord& record);
  Status set_tensor_value(AttributeRecord& record);

  std::string name_;
  std::string reference_;
  uint64_t type_ = 0;
  float f_ = 0;
  int64_t i_ = 0;
  std::string s_;
  std::vector<float> floats_;
  std::vector<int64_t> ints_;
  std::vector<std::string> strings_;
  TensorRecord tensor_;
};

}  // namespace synsight::onnx
