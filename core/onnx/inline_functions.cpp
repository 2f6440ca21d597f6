// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/inline_functions.h"

#include <map>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>

#include "core/base/text.h"
#include "core/onnx/build_graph.h"
#include "core/onnx/unique_names.h"

namespace synsight::onnx {

namespace {

// No exporter comes near these; they bound what a small file can grow into.
constexpr size_t kMaxDepth = 16;
constexpr size_t kMaxInlinedNodes = size_t{1} << 17;
constexpr size_t kMaxInlinedBytes = size_t{1} << 28;  // of names and attributes

using FunctionKey = std::tuple<std::string, std::string, std::string>;

FunctionKey key_of(const NodeRecord& node) { return {node.domain, node.op_type, node.overload}; }

const AttributeRecord* find_attribute(const std::vector<AttributeRecord>& attributes,
                                      const std::string& name) {
  for (const AttributeRecord& record : attributes) {
    if (record.attribute.name == name) return &record;
  }
  return nullptr;
}

size_t size_bytes(const decltype(Attribute::value)& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->size();
  if (const auto* ints = std::get_if<std::vector<int64_t>>(&value)) return ints->size() * 8;
  if (const auto* floats = std::get_if<std::vector<float>>(&value)) return floats->size() * 4;
  if (const auto* tensor = std::get_if<Tensor>(&value)) return tensor->size_bytes();
  size_t sum = 0;
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    for (const std::string& text : *texts) sum += sizeof(std::string) + text.size();
  }
  return sum;
}

class Inliner {
 public:
  explicit Inliner(ModelRecord& model);

  /// Appends the node, or what it stands for, to `nodes()`.
  Status expand(NodeRecord node, size_t depth);

  std::vector<NodeRecord>& nodes() { return nodes_; }

 private:
  using Renames = std::unordered_map<std::string, std::string>;

  Status expand_call(const NodeRecord& call, const FunctionRecord& function, size_t depth);
  Result<NodeRecord> instantiate(const NodeRecord& inner, const NodeRecord& call,
                                 const FunctionRecord& function, Renames& renames);
  Status copy_attributes(const NodeRecord& inner, const NodeRecord& call,
                         const FunctionRecord& function, NodeRecord& target);
  Result<AttributeRecord> copy(const AttributeRecord& source);
  Result<std::vector<std::string>> rename(const std::vector<std::string>& names,
                                          const NodeRecord& call, Renames& renames);
  Status charge(size_t num_bytes);

  std::map<FunctionKey, const FunctionRecord*> functions_;
  UniqueNames value_names_;
  std::vector<NodeRecord> nodes_;
  size_t num_inlined_ = 0;
  size_t num_bytes_ = 0;
};

Inliner::Inliner(ModelRecord& model) {
  for (const FunctionRecord& function : model.functions) {
    functions_[{function.domain, function.name, function.overload}] = &function;
  }
  for (const TensorRecord& initializer : model.initializers) value_names_.take(initializer.name);
  for (const ValueRecord& input : model.inputs) value_names_.take(input.name);
  for (const NodeRecord& node : model.nodes) {
    for (const std::string& output : node.outputs) value_names_.take(output);
  }
}

Status Inliner::expand(NodeRecord node, size_t depth) {
  const auto found = functions_.find(key_of(node));
  if (found != functions_.end()) return expand_call(node, *found->second, depth);
  nodes_.push_back(std::move(node));
  return {};
}

Status Inliner::expand_call(const NodeRecord& call, const FunctionRecord& function, size_t depth) {
  const auto where = [&] { return concat({"node \"", call.name, "\" (", call.op_type, "): "}); };
  if (depth == kMaxDepth) {
    return fail(ErrorCode::kInvalidModel,
                concat({where(), "functions call each other more than ", kMaxDepth, " deep"}));
  }
  if (call.inputs.size() > function.inputs.size() ||
      call.outputs.size() > function.outputs.size()) {
    return fail(ErrorCode::kInvalidModel,
                concat({where(), "has more inputs or outputs than the function it calls"}));
  }
  Renames renames;
  for (size_t i = 0; i < function.inputs.size(); ++i) {
    renames[function.inputs[i]] = i < call.inputs.size() ? call.inputs[i] : "";
  }
  // An output that is also an input, or given twice, keeps its name and is copied at the end.
  std::vector<NodeRecord> copies;
  for (size_t i = 0; i < call.outputs.size(); ++i) {
    if (call.outputs[i].empty()) continue;
    if (renames.try_emplace(function.outputs[i], call.outputs[i]).second) continue;
    NodeRecord identity;
    identity.name = concat({call.name, "/Identity_", i});
    identity.op_type = "Identity";
    identity.inputs = {renames[function.outputs[i]]};
    identity.outputs = {call.outputs[i]};
    copies.push_back(std::move(identity));
  }
  std::vector<NodeRecord> body;
  for (const NodeRecord& inner : function.nodes) {
    SYNSIGHT_TRY_ASSIGN(NodeRecord node, instantiate(inner, call, function, renames));
    body.push_back(std::move(node));
  }
  for (NodeRecord& node : copies) body.push_back(std::move(node));
  SYNSIGHT_TRY(set_opsets(body, function.opsets));
  for (NodeRecord& node : body) SYNSIGHT_TRY(expand(std::move(node), depth + 1));
  return {};
}

Result<NodeRecord> Inliner::instantiate(const NodeRecord& inner, const NodeRecord& call,
                                        const FunctionRecord& function, Renames& renames) {
  if (++num_inlined_ > kMaxInlinedNodes) {
    return fail(ErrorCode::kInvalidModel,
                concat({"the model's functions stand for more than ", kMaxInlinedNodes, " nodes"}));
  }
  SYNSIGHT_TRY(charge(call.name.size() + inner.name.size() + inner.op_type.size()));
  NodeRecord node;
  node.name = concat({call.name, "/", inner.name});
  node.op_type = inner.op_type;
  node.domain = inner.domain;
  node.overload = inner.overload;
  SYNSIGHT_TRY_ASSIGN(node.inputs, rename(inner.inputs, call, renames));
  SYNSIGHT_TRY_ASSIGN(node.outputs, rename(inner.outputs, call, renames));
  SYNSIGHT_TRY(copy_attributes(inner, call, function, node));
  return node;
}

Result<std::vector<std::string>> Inliner::rename(const std::vector<std::string>& names,
                                                 const NodeRecord& call, Renames& renames) {
  std::vector<std::string> renamed;
  for (const std::string& name : names) {
    const auto [entry, is_new] = renames.try_emplace(name);
    if (is_new && !name.empty()) entry->second = value_names_.make(concat({call.name, "/", name}));
    SYNSIGHT_TRY(charge(entry->second.size()));
    renamed.push_back(entry->second);
  }
  return renamed;
}

Status Inliner::charge(size_t num_bytes) {
  if (num_bytes > kMaxInlinedBytes - num_bytes_) {
    return fail(ErrorCode::kInvalidModel, concat({"the model's functions stand for more than ",
                                                  kMaxInlinedBytes, " bytes of attributes"}));
  }
  num_bytes_ += num_bytes;
  return {};
}

// An attribute that refers to the call's takes its value, or the function's default, or is left
// out.
Status Inliner::copy_attributes(const NodeRecord& inner, const NodeRecord& call,
                                const FunctionRecord& function, NodeRecord& target) {
  for (const AttributeRecord& attribute : inner.attributes) {
    const AttributeRecord* source = &attribute;
    if (!attribute.reference.empty()) {
      source = find_attribute(call.attributes, attribute.reference);
      if (source == nullptr) {
        source = find_attribute(function.default_attributes, attribute.reference);
      }
      if (source == nullptr) continue;
    }
    SYNSIGHT_TRY_ASSIGN(AttributeRecord record, copy(*source));
    record.attribute.name = attribute.attribute.name;
    target.attributes.push_back(std::move(record));
  }
  return {};
}

Result<AttributeRecord> Inliner::copy(const AttributeRecord& source) {
  AttributeRecord record;
  record.unsupported_kind = source.unsupported_kind;
  const auto& value = source.attribute.value;
  SYNSIGHT_TRY(charge(size_bytes(value)));
  if (const auto* tensor = std::get_if<Tensor>(&value)) {
    SYNSIGHT_TRY_ASSIGN(record.attribute.value, Tensor::copy(tensor->view()));
    return record;
  }
  const auto assign = [&](const auto& plain) {
    if constexpr (std::is_copy_assignable_v<std::decay_t<decltype(plain)>>) {
      record.attribute.value = plain;
    }
  };
  std::visit(assign, value);
  return record;
}

}  // namespace

Status inline_functions(ModelRecord& model) {
  name_nodes(model.nodes);
  SYNSIGHT_TRY(set_opsets(model.nodes, model.opsets));
  if (model.functions.empty()) return {};
  for (FunctionRecord& function : model.functions) name_nodes(function.nodes);
  Inliner inliner(model);
  for (NodeRecord& node : model.nodes) SYNSIGHT_TRY(inliner.expand(std::move(node), 0));
  model.nodes = std::move(inliner.nodes());
  name_nodes(model.nodes);
  return {};
}

}  // namespace synsight::onnx
