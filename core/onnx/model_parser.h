// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/onnx/attribute_builder.h"
#include "core/onnx/message_stream.h"
#include "core/onnx/records.h"
#include "core/onnx/tensor_builder.h"

namespace synsight::onnx {

/// The messages of onnx.proto that are entered.
enum class MessageKind : uint8_t {
  kModel,
  kGraph,
  kFunction,
  kNode,
  kAttribute,
  kTensor,
  kSparseTensor,
};

/// Turns a ModelProto, in pieces of any size, into a ModelRecord. Graphs, nodes, attributes and
/// tensors are entered as they come; messages that are always small are read whole.
class ModelParser {
 public:
  /// More messages than any network has; each costs memory beyond its own bytes.
  static constexpr size_t kMaxMessages = size_t{1} << 22;

  /// Errors: kInvalidModel, kUnsupportedType, kOutOfMemory.
  Status feed(std::span<const std::byte> piece);

  /// Whether the graph has begun.
  bool has_graph() const { return model_.has_graph; }

  /// The model, once all its bytes came. Errors: kInvalidModel for a cut file.
  Result<ModelRecord> finish();

 private:
  Status handle(const StreamEvent& event);
  Status open_field(uint32_t number);
  Status enter(MessageKind message);
  Status set_field(const Field& field);
  Status close_message();
  Status close_attribute(MessageKind parent);
  Status close_tensor(MessageKind parent);
  std::string where() const;

  MessageStream stream_;
  std::vector<MessageKind> open_ = {MessageKind::kModel};
  size_t num_messages_ = 0;
  ModelRecord model_;
  // The messages that are open; none can hold another of its own kind.
  FunctionRecord function_;
  NodeRecord node_;
  AttributeBuilder attribute_;
  TensorBuilder tensor_;
};

}  // namespace synsight::onnx
