// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/build_graph.h"

#include <limits>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/base/text.h"
#include "core/onnx/expand_quantized.h"
#include "core/onnx/unique_names.h"

namespace synsight::onnx {

namespace {

class GraphBuilder {
 public:
  Result<Graph> build(ModelRecord model);

 private:
  Status add_initializers(std::vector<TensorRecord> initializers);
  Status add_inputs(const std::vector<ValueRecord>& inputs);
  Status add_nodes(std::vector<NodeRecord> records);
  Status add_outputs(const std::vector<ValueRecord>& outputs);
  Status add_attributes(std::vector<AttributeRecord> records, Node& node);
  Status connect_inputs(const std::vector<std::string>& names, Node& node);
  Result<ValueId> intern(const std::string& name);
  void declare(ValueId id, const ValueRecord& record);

  Graph graph_;
  std::unordered_map<std::string, ValueId> ids_;
  std::unordered_map<std::string, std::string> unsupported_;  // initializers, with their types
};

Result<Graph> GraphBuilder::build(ModelRecord model) {
  graph_.name = std::move(model.graph_name);
  graph_.metadata = std::move(model.metadata);
  graph_.ir_version = model.ir_version;
  graph_.producer = model.producer_name;
  if (!model.producer_version.empty()) graph_.producer += " " + model.producer_version;
  SYNSIGHT_TRY(add_initializers(std::move(model.initializers)));
  SYNSIGHT_TRY(add_inputs(model.inputs));
  SYNSIGHT_TRY(add_nodes(std::move(model.nodes)));
  for (const ValueRecord& record : model.value_infos) {
    if (const auto found = ids_.find(record.name); found != ids_.end()) {
      declare(found->second, record);
    }
  }
  SYNSIGHT_TRY(add_outputs(model.outputs));
  sort_nodes(graph_);
  SYNSIGHT_TRY(expand_quantized(graph_));
  SYNSIGHT_TRY(validate(graph_));
  return std::move(graph_);
}

// The id of the value of that name, which is added where it is new.
Result<ValueId> GraphBuilder::intern(const std::string& name) {
  const auto [entry, is_new] = ids_.try_emplace(name, kNoValue);
  if (is_new) {
    if (graph_.values.size() >= static_cast<size_t>(std::numeric_limits<ValueId>::max())) {
      return fail(ErrorCode::kInvalidModel, "the graph has too many values");
    }
    Value value;
    value.name = name;
    entry->second = graph_.add_value(std::move(value));
  }
  return entry->second;
}

Status GraphBuilder::add_initializers(std::vector<TensorRecord> initializers) {
  for (TensorRecord& record : initializers) {
    if (!record.unsupported_type.empty()) {
      unsupported_[record.name] = record.unsupported_type;
      continue;
    }
    if (record.name.empty() || ids_.contains(record.name)) {
      return fail(ErrorCode::kInvalidModel,
                  concat({"initializer \"", record.name, "\": the name is not unique"}));
    }
    ids_[record.name] = graph_.add_initializer(record.name, std::move(record.tensor));
  }
  return {};
}

void GraphBuilder::declare(ValueId id, const ValueRecord& record) {
  Value& value = graph_.value(id);
  if (value.is_initializer) return;
  if (value.dtype == DType::kUndefined) value.dtype = record.dtype;
  if (!value.has_shape && record.has_shape) {
    value.shape = record.shape;
    value.has_shape = true;
  }
}

Status GraphBuilder::add_inputs(const std::vector<ValueRecord>& inputs) {
  for (const ValueRecord& record : inputs) {
    if (unsupported_.contains(record.name)) continue;
    SYNSIGHT_TRY_ASSIGN(const ValueId id, intern(record.name));
    if (graph_.value(id).is_initializer) continue;
    if (!record.unsupported_type.empty()) {
      return fail(ErrorCode::kUnsupportedType,
                  concat({"graph input \"", record.name, "\" is of type ", record.unsupported_type,
                          ", which is not supported"}));
    }
    if (record.dtype == DType::kUndefined) {
      return fail(ErrorCode::kInvalidModel,
                  concat({"graph input \"", record.name, "\" has no element type"}));
    }
    declare(id, record);
    graph_.inputs.push_back(id);
  }
  return {};
}

// Outputs come first, so that nodes may stand in any order.
Status GraphBuilder::add_nodes(std::vector<NodeRecord> records) {
  graph_.nodes.resize(records.size());
  for (size_t i = 0; i < records.size(); ++i) {
    Node& node = graph_.nodes[i];
    node.name = std::move(records[i].name);
    node.op_type = std::move(records[i].op_type);
    node.domain = std::move(records[i].domain);
    node.opset = records[i].opset;
    for (const std::string& name : records[i].outputs) {
      ValueId id = kNoValue;
      if (!name.empty()) {
        SYNSIGHT_TRY_ASSIGN(id, intern(name));
      }
      node.outputs.push_back(id);
    }
  }
  for (size_t i = 0; i < records.size(); ++i) {
    SYNSIGHT_TRY(connect_inputs(records[i].inputs, graph_.nodes[i]));
    SYNSIGHT_TRY(add_attributes(std::move(records[i].attributes), graph_.nodes[i]));
  }
  return {};
}

Status GraphBuilder::connect_inputs(const std::vector<std::string>& names, Node& node) {
  for (const std::string& name : names) {
    if (name.empty()) {
      node.inputs.push_back(kNoValue);
      continue;
    }
    if (const auto found = ids_.find(name); found != ids_.end()) {
      node.inputs.push_back(found->second);
      continue;
    }
    if (const auto found = unsupported_.find(name); found != unsupported_.end()) {
      return fail(ErrorCode::kUnsupportedType,
                  concat({describe(node), ": initializer \"", name, "\" is of type ", found->second,
                          ", which is not supported"}));
    }
    return fail(ErrorCode::kInvalidModel,
                concat({describe(node), ": input \"", name,
                        "\" is no graph input, initializer or output of a node"}));
  }
  return {};
}

Status GraphBuilder::add_attributes(std::vector<AttributeRecord> records, Node& node) {
  for (AttributeRecord& record : records) {
    const std::string_view name = record.attribute.name;
    if (!record.unsupported_kind.empty()) {
      return fail(ErrorCode::kUnsupportedOp,
                  concat({describe(node), ": attribute \"", name, "\" is ", record.unsupported_kind,
                          ", which is not supported"}));
    }
    if (!record.reference.empty()) {
      return fail(ErrorCode::kInvalidModel,
                  concat({describe(node), ": attribute \"", name,
                          "\" refers to a function's, but the node is in none"}));
    }
    node.attributes.push_back(std::move(record.attribute));
  }
  return {};
}

Status GraphBuilder::add_outputs(const std::vector<ValueRecord>& outputs) {
  for (const ValueRecord& record : outputs) {
    const auto found = ids_.find(record.name);
    if (found == ids_.end()) {
      return fail(ErrorCode::kInvalidModel,
                  concat({"graph output \"", record.name, "\" is given by no node"}));
    }
    if (!record.unsupported_type.empty()) {
      return fail(ErrorCode::kUnsupportedType,
                  concat({"graph output \"", record.name, "\" is of type ", record.unsupported_type,
                          ", which is not supported"}));
    }
    declare(found->second, record);
    graph_.outputs.push_back(found->second);
  }
  return {};
}

}  // namespace

Result<Graph> build_graph(ModelRecord model) { return GraphBuilder().build(std::move(model)); }

void name_nodes(std::vector<NodeRecord>& nodes) {
  UniqueNames names;
  std::vector<NodeRecord*> unnamed;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].name.empty() && names.take(nodes[i].name)) continue;
    if (nodes[i].name.empty()) nodes[i].name = concat({nodes[i].op_type, "_", i});
    unnamed.push_back(&nodes[i]);
  }
  for (NodeRecord* node : unnamed) node->name = names.make(node->name);
}

Status set_opsets(std::vector<NodeRecord>& nodes, const OpsetImports& opsets) {
  for (NodeRecord& node : nodes) {
    // Where ONNX's own take no 16-bit or 4-bit integers yet, ONNX Runtime writes its own.
    if (node.domain == "com.microsoft" &&
        (node.op_type == "QuantizeLinear" || node.op_type == "DequantizeLinear" ||
         is_quantized_operator(node.op_type))) {
      node.domain.clear();
    }
    const auto found = opsets.find(node.domain);
    if (found != opsets.end()) {
      node.opset = found->second;
    } else if (node.domain.empty()) {
      return fail(ErrorCode::kInvalidModel,
                  concat({"node \"", node.name, "\" (", node.op_type,
                          "): the model does not say which opset of ONNX it uses"}));
    }
  }
  return {};
}

}  // namespace synsight::onnx
