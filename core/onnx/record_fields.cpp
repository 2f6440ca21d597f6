// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/record_fields.h"

#include <utility>

#include "core/onnx/field_numbers.h"
#include "core/onnx/small_messages.h"

namespace synsight::onnx {

Status set_model_field(const Field& field, ModelRecord& model) {
  using namespace model_field;
  switch (field.key()) {
    case field_key(kIrVersion, WireType::kVarint):
      model.ir_version = static_cast<int64_t>(field.value);
      break;
    case field_key(kProducerName, WireType::kBytes):
      model.producer_name = field.text();
      break;
    case field_key(kProducerVersion, WireType::kBytes):
      model.producer_version = field.text();
      break;
    case field_key(kOpsetImport, WireType::kBytes):
      return decode_opset_import(field.bytes, model.opsets);
    case field_key(kMetadataProps, WireType::kBytes): {
      SYNSIGHT_TRY_ASSIGN(StringEntry entry, decode_string_entry(field.bytes));
      model.metadata[std::move(entry.key)] = std::move(entry.value);
      break;
    }
    default:
      break;
  }
  return {};
}

Status set_graph_field(const Field& field, ModelRecord& model) {
  using namespace graph_field;
  if (field.key() == field_key(kName, WireType::kBytes)) model.graph_name = field.text();
  std::vector<ValueRecord>* values = nullptr;
  if (field.key() == field_key(kInput, WireType::kBytes)) values = &model.inputs;
  if (field.key() == field_key(kOutput, WireType::kBytes)) values = &model.outputs;
  if (field.key() == field_key(kValueInfo, WireType::kBytes)) values = &model.value_infos;
  if (values == nullptr) return {};
  SYNSIGHT_TRY_ASSIGN(ValueRecord record, decode_value_info(field.bytes));
  values->push_back(std::move(record));
  return {};
}

Status set_function_field(const Field& field, FunctionRecord& function) {
  using namespace function_field;
  switch (field.key()) {
    case field_key(kName, WireType::kBytes):
      function.name = field.text();
      break;
    case field_key(kInput, WireType::kBytes):
      function.inputs.push_back(field.text());
      break;
    case field_key(kOutput, WireType::kBytes):
      function.outputs.push_back(field.text());
      break;
    case field_key(kOpsetImport, WireType::kBytes):
      return decode_opset_import(field.bytes, function.opsets);
    case field_key(kDomain, WireType::kBytes):
      function.domain = normalize_domain(field.text());
      break;
    case field_key(kOverload, WireType::kBytes):
      function.overload = field.text();
      break;
    default:
      break;
  }
  return {};
}

Status set_node_field(const Field& field, NodeRecord& node) {
  using namespace node_field;
  switch (field.key()) {
    case field_key(kInput, WireType::kBytes):
      node.inputs.push_back(field.text());
      break;
    case field_key(kOutput, WireType::kBytes):
      node.outputs.push_back(field.text());
      break;
    case field_key(kName, WireType::kBytes):
      node.name = field.text();
      break;
    case field_key(kOpType, WireType::kBytes):
      node.op_type = field.text();
      break;
    case field_key(kDomain, WireType::kBytes):
      node.domain = normalize_domain(field.text());
      break;
    case field_key(kOverload, WireType::kBytes):
      node.overload = field.text();
      break;
    default:
      break;
  }
  return {};
}

}  // namespace synsight::onnx
