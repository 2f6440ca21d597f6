// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/graph/attribute.h"
#include "core/tensor/tensor.h"

namespace synsight::onnx {

/// What an ONNX file says, message by message, before it becomes a Graph: values are still names.
/// The messages and fields are those of onnx.proto. The domain "ai.onnx" is spelled "".

/// Where a tensor's elements lie in another file.
struct ExternalRange {
  std::string file;
  uint64_t offset = 0;
};

/// TensorProto.
struct TensorRecord {
  std::string name;
  DType dtype = DType::kUndefined;
  Shape shape;
  Tensor tensor;                 // absent where the elements are external or of another type
  std::string unsupported_type;  // ONNX's name of an element type that has no DType
  std::optional<ExternalRange> external;
};

/// AttributeProto.
struct AttributeRecord {
  Attribute attribute;
  std::string reference;         // inside a function: the attribute of the call that is meant
  std::string unsupported_kind;  // `a graph`, ...: the attribute has no value
};

/// NodeProto.
struct NodeRecord {
  std::string name;
  std::string op_type;
  std::string domain;
  std::string overload;
  int64_t opset = 0;  // set once the imports are known
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<AttributeRecord> attributes;
};

/// ValueInfoProto.
struct ValueRecord {
  std::string name;
  DType dtype = DType::kUndefined;
  Shape shape;
  bool has_shape = false;
  std::string unsupported_type;  // `a sequence`, `string`, ...
};

/// OperatorSetIdProto: a domain's version.
using OpsetImports = std::map<std::string, int64_t, std::less<>>;

/// FunctionProto: operators that the model defines by nodes.
struct FunctionRecord {
  std::string name;
  std::string domain;
  std::string overload;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<AttributeRecord> default_attributes;
  std::vector<NodeRecord> nodes;
  OpsetImports opsets;
};

/// ModelProto and its GraphProto.
struct ModelRecord {
  int64_t ir_version = 0;
  std::string producer_name;
  std::string producer_version;
  OpsetImports opsets;
  std::map<std::string, std::string, std::less<>> metadata;
  std::vector<FunctionRecord> functions;

  bool has_graph = false;
  std::string graph_name;
  std::vector<NodeRecord> nodes;
  std::vector<TensorRecord> initializers;
  std::vector<ValueRecord> inputs;
  std::vector<ValueRecord> outputs;
  std::vector<ValueRecord> value_infos;
};

}  // namespace synsight::onnx
