// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/tensor/tensor.h"

namespace synsight {

/// A node's attribute: one of ONNX's kinds INT, FLOAT, STRING, INTS, FLOATS, STRINGS, TENSOR.
struct Attribute {
  std::string name;
  std::variant<int64_t, float, std::string, std::vector<int64_t>, std::vector<float>,
               std::vector<std::string>, Tensor>
      value;
};

}  // namespace synsight
