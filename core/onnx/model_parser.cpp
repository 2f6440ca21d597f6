// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/model_parser.h"

#include <utility>

#include "core/base/text.h"
#include "core/onnx/field_numbers.h"
#include "core/onnx/record_fields.h"

namespace synsight::onnx {

namespace {

using enum MessageKind;

enum class Action : uint8_t {
  kSkip,
  kBuffer,  // read whole
  kStream,  // pass on as it comes
  kEnter,   // read its fields
};

/// What becomes of a field that has a length.
struct FieldRule {
  MessageKind message;
  uint32_t number;
  Action action = Action::kBuffer;
  MessageKind entered = kModel;  // of kEnter
};

constexpr FieldRule kFieldRules[] = {
    {kModel, model_field::kProducerName},
    {kModel, model_field::kProducerVersion},
    {kModel, model_field::kGraph, Action::kEnter, kGraph},
    {kModel, model_field::kOpsetImport},
    {kModel, model_field::kMetadataProps},
    {kModel, model_field::kFunctions, Action::kEnter, kFunction},
    {kGraph, graph_field::kNode, Action::kEnter, kNode},
    {kGraph, graph_field::kName},
    {kGraph, graph_field::kInitializer, Action::kEnter, kTensor},
    {kGraph, graph_field::kInput},
    {kGraph, graph_field::kOutput},
    {kGraph, graph_field::kValueInfo},
    {kGraph, graph_field::kSparseInitializer, Action::kEnter, kSparseTensor},
    {kFunction, function_field::kName},
    {kFunction, function_field::kInput},
    {kFunction, function_field::kOutput},
    {kFunction, function_field::kNode, Action::kEnter, kNode},
    {kFunction, function_field::kOpsetImport},
    {kFunction, function_field::kDomain},
    {kFunction, function_field::kAttributeProto, Action::kEnter, kAttribute},
    {kFunction, function_field::kOverload},
    {kNode, node_field::kInput},
    {kNode, node_field::kOutput},
    {kNode, node_field::kName},
    {kNode, node_field::kOpType},
    {kNode, node_field::kAttribute, Action::kEnter, kAttribute},
    {kNode, node_field::kDomain},
    {kNode, node_field::kOverload},
    {kAttribute, attribute_field::kName},
    {kAttribute, attribute_field::kS},
    {kAttribute, attribute_field::kT, Action::kEnter, kTensor},
    {kAttribute, attribute_field::kFloats},
    {kAttribute, attribute_field::kInts},
    {kAttribute, attribute_field::kStrings},
    {kAttribute, attribute_field::kRefAttrName},
    {kTensor, tensor_field::kDims},
    {kTensor, tensor_field::kName},
    {kTensor, tensor_field::kExternalData},
    {kTensor, tensor_field::kFloatData, Action::kStream},
    {kTensor, tensor_field::kInt32Data, Action::kStream},
    {kTensor, tensor_field::kInt64Data, Action::kStream},
    {kTensor, tensor_field::kRawData, Action::kStream},
    {kTensor, tensor_field::kDoubleData, Action::kStream},
    {kTensor, tensor_field::kUint64Data, Action::kStream},
    {kSparseTensor, sparse_tensor_field::kValues, Action::kEnter, kTensor},
};

FieldRule find_rule(MessageKind message, uint32_t number) {
  for (const FieldRule& rule : kFieldRules) {
    if (rule.message == message && rule.number == number) return rule;
  }
  return {message, number, Action::kSkip};
}

}  // namespace

Status ModelParser::feed(std::span<const std::byte> piece) {
  stream_.give(piece);
  for (;;) {
    auto event = stream_.next();
    if (event && event->kind == StreamEvent::Kind::kStarved) return {};
    const Status status = event ? handle(*event) : fail(event.error().code, event.error().message);
    if (!status) {
      return fail(status.error().code, concat({where(), status.error().message}));
    }
  }
}

Result<ModelRecord> ModelParser::finish() {
  if (!stream_.is_complete()) {
    return fail(ErrorCode::kInvalidModel,
                concat({where(), "the model is cut after ", stream_.position(), " bytes"}));
  }
  if (!model_.has_graph) return fail(ErrorCode::kInvalidModel, "the file holds no graph");
  return std::move(model_);
}

Status ModelParser::handle(const StreamEvent& event) {
  switch (event.kind) {
    case StreamEvent::Kind::kLength:
      return open_field(event.field.number);
    case StreamEvent::Kind::kField:
    case StreamEvent::Kind::kChunk:
      return set_field(event.field);
    case StreamEvent::Kind::kEnd:
      return close_message();
    case StreamEvent::Kind::kStarved:
      break;
  }
  return {};
}

Status ModelParser::open_field(uint32_t number) {
  const FieldRule rule = find_rule(open_.back(), number);
  if (rule.action == Action::kSkip) return {};
  if (rule.action == Action::kStream) {
    stream_.stream();
    return {};
  }
  if (++num_messages_ > kMaxMessages) {
    return fail(ErrorCode::kInvalidModel,
                concat({"the file has more than ", kMaxMessages, " messages"}));
  }
  return rule.action == Action::kEnter ? enter(rule.entered) : stream_.buffer();
}

Status ModelParser::enter(MessageKind message) {
  switch (message) {
    case kGraph:
      if (model_.has_graph) return fail(ErrorCode::kInvalidModel, "the file holds two graphs");
      model_.has_graph = true;
      break;
    case kFunction:
      function_ = {};
      break;
    case kNode:
      node_ = {};
      break;
    case kAttribute:
      attribute_ = {};
      break;
    case kTensor:
      tensor_ = {};
      break;
    case kModel:
    case kSparseTensor:
      break;
  }
  open_.push_back(message);
  stream_.enter();
  return {};
}

Status ModelParser::set_field(const Field& field) {
  switch (open_.back()) {
    case kModel:
      return set_model_field(field, model_);
    case kGraph:
      return set_graph_field(field, model_);
    case kFunction:
      return set_function_field(field, function_);
    case kNode:
      return set_node_field(field, node_);
    case kAttribute:
      return attribute_.set_field(field);
    case kTensor:
      return tensor_.set_field(field);
    case kSparseTensor:
      break;
  }
  return {};
}

Status ModelParser::close_message() {
  const MessageKind parent = open_[open_.size() - 2];
  switch (open_.back()) {
    case kFunction:
      model_.functions.push_back(std::move(function_));
      break;
    case kNode:
      (parent == kFunction ? function_.nodes : model_.nodes).push_back(std::move(node_));
      break;
    case kAttribute:
      SYNSIGHT_TRY(close_attribute(parent));
      break;
    case kTensor:
      SYNSIGHT_TRY(close_tensor(parent));
      break;
    case kModel:
    case kGraph:
    case kSparseTensor:
      break;
  }
  open_.pop_back();
  return {};
}

Status ModelParser::close_attribute(MessageKind parent) {
  SYNSIGHT_TRY_ASSIGN(AttributeRecord record, attribute_.finish());
  (parent == kNode ? node_.attributes : function_.default_attributes).push_back(std::move(record));
  return {};
}

Status ModelParser::close_tensor(MessageKind parent) {
  if (parent == kSparseTensor) {
    return fail(ErrorCode::kUnsupportedType, "sparse tensors are not supported");
  }
  SYNSIGHT_TRY_ASSIGN(TensorRecord record, tensor_.finish());
  if (parent == kAttribute) {
    attribute_.set_tensor(std::move(record));
  } else {
    model_.initializers.push_back(std::move(record));
  }
  return {};
}

// The open messages, for an error's beginning: `node "a" (Constant): attribute "value": `. What has
// no name yet is counted from 0.
std::string ModelParser::where() const {
  const auto named = [](std::string_view kind, const std::string& name, size_t index) {
    return name.empty() ? concat({kind, " ", index}) : concat({kind, " \"", name, "\""});
  };
  std::string text;
  bool in_function = false;
  for (const MessageKind message : open_) {
    if (message == kFunction) {
      text += named("function", function_.name, model_.functions.size()) + ": ";
      in_function = true;
    }
    if (message == kNode) {
      const auto& nodes = in_function ? function_.nodes : model_.nodes;
      text += named("node", node_.name, nodes.size());
      text += node_.op_type.empty() ? ": " : concat({" (", node_.op_type, "): "});
    }
    if (message == kAttribute && !attribute_.name().empty()) {
      text += concat({"attribute \"", attribute_.name(), "\": "});
    }
  }
  const bool is_initializer = open_.back() == kTensor && open_[open_.size() - 2] != kAttribute;
  if (is_initializer)
    text += named("initializer", tensor_.name(), model_.initializers.size()) + ": ";
  return text;
}

}  // namespace synsight::onnx
