// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/expand_quantized.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/base/small_build.h"
#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/onnx/unique_names.h"

namespace synsight::onnx {

namespace {

/// An operator on quantised values, by what its inputs are, a letter each: q a quantised operand,
/// p a plain one; s the scale and z the zero point of the next operand that has none yet; b an
/// int32 bias in steps of the first two scales' product, a what is added to the output; S and Z the
/// output's scale and zero point, F the scale of one that is of floats without it. Where no letter
/// is s, all scales are 1 and the output is int32.
struct Form {
  std::string_view name;
  std::string_view op_type;  // of the operator on floats
  std::string_view inputs;
  int8_t left_axis = 1;  // of the first operand, along which its scales lie
  int8_t right_axis = 1;
};

/// The last three letters stand for any number of operands.
constexpr std::string_view kAnyOperands = "SZqsz";

constexpr Form kForms[] = {
    {"ConvInteger", "Conv", "qqzz", 1, 0},
    {"MatMulInteger", "MatMul", "qqzz", -2, -1},
    {"MatMulIntegerToFloat", "MatMul", "qqsszza", -2, -1},
    {"QGemm", "Gemm", "qszqszbFZ"},
    {"QLinearAdd", "Add", "qszqszSZ"},
    {"QLinearAveragePool", "AveragePool", "qszSZ"},
    {"QLinearConcat", "Concat", kAnyOperands},
    {"QLinearConv", "Conv", "qszqszSZb", 1, 0},
    {"QLinearGlobalAveragePool", "GlobalAveragePool", "qszSZ"},
    {"QLinearLeakyRelu", "LeakyRelu", "qszSZ"},
    {"QLinearMatMul", "MatMul", "qszqszSZ", -2, -1},
    {"QLinearMul", "Mul", "qszqszSZ"},
    {"QLinearReduceMean", "ReduceMean", "qszSZ"},
    {"QLinearSigmoid", "Sigmoid", "qszSZ"},
    {"QLinearSoftmax", "Softmax", "qszSZ"},
    {"QLinearWhere", "Where", "pqszqszSZ"},
};

/// One on quantised values, for which backends have no fast kernel.
constexpr Form kMaxPool = {"MaxPool", "MaxPool", "qszSZ"};

// TensorProto.DataType.
constexpr int64_t kFloat = 1;
constexpr int64_t kInt32 = 6;

const Form* find_form(std::string_view op_type) {
  if (kIsSmallBuild) return nullptr;  // which has no room for them
  const auto* form = std::find_if(std::begin(kForms), std::end(kForms),
                                  [&](const Form& candidate) { return candidate.name == op_type; });
  return form == std::end(kForms) ? nullptr : form;
}

/// The letter of an input.
char letter_at(std::string_view letters, size_t index) {
  return letters[index < letters.size() ? index : 2 + (index - 2) % 3];
}

bool has(std::string_view letters, char letter) {
  return letters.find(letter) != std::string_view::npos;
}

struct Operand {
  ValueId value = kNoValue;
  ValueId scale = kNoValue;
  ValueId zero_point = kNoValue;
};

/// A node's inputs, by what they are.
struct Inputs {
  std::vector<Operand> operands;
  Operand output;
  ValueId bias = kNoValue;
  ValueId addend = kNoValue;
};

Inputs sort_inputs(const std::vector<ValueId>& ids, std::string_view letters) {
  Inputs inputs;
  inputs.operands.resize(ids.size());
  size_t num_values = 0;
  size_t num_scales = 0;
  size_t num_zero_points = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    switch (letter_at(letters, i)) {
      case 'p':
        ++num_scales;
        ++num_zero_points;
        [[fallthrough]];
      case 'q':
        inputs.operands[num_values++].value = ids[i];
        break;
      case 's':
        inputs.operands[num_scales++].scale = ids[i];
        break;
      case 'z':
        inputs.operands[num_zero_points++].zero_point = ids[i];
        break;
      case 'b':
        inputs.bias = ids[i];
        break;
      case 'a':
        inputs.addend = ids[i];
        break;
      case 'Z':
        inputs.output.zero_point = ids[i];
        break;
      default:  // S, F
        inputs.output.scale = ids[i];
    }
  }
  inputs.operands.resize(num_values);
  return inputs;
}

Status check_inputs(const Node& node, std::string_view letters) {
  if (node.inputs.size() > letters.size() && letters != kAnyOperands) {
    return fail(ErrorCode::kInvalidModel, concat({describe(node), ": has ", node.inputs.size(),
                                                  " inputs, wanted at most ", letters.size()}));
  }
  for (size_t i = 0; i < std::max(node.inputs.size(), letters.size()); ++i) {
    const bool is_given = i < node.inputs.size() && node.inputs[i] != kNoValue;
    if (!is_given && has("pqsS", letter_at(letters, i))) {
      return fail(ErrorCode::kInvalidModel, concat({describe(node), ": input ", i, " is missing"}));
    }
  }
  return {};
}

/// Replaces nodes of a graph one after the other.
class Expander {
 public:
  explicit Expander(Graph& graph) : graph_(graph) {
    for (const Node& node : graph.nodes) names_.take(node.name);
  }

  Status expand_all();

 private:
  Status expand(Node& node, const Form& form);
  Status set_attributes(const Node& node, Node& floats) const;
  ValueId add(const Node& node, const char* op_type, std::initializer_list<ValueId> inputs,
              const char* attribute = nullptr, int64_t number = 0);
  ValueId dequantize(const Node& node, const Operand& operand, int64_t axis);

  bool becomes_quantized(Node& node) const;

  Graph& graph_;
  UniqueNames names_;
  std::vector<Node> nodes_;
  std::unordered_map<ValueId, std::pair<ValueId, ValueId>> quantizers_;  // scales and zero points
};

/// Appends a node that is named after another, and gives its output.
ValueId Expander::add(const Node& node, const char* op_type, std::initializer_list<ValueId> inputs,
                      const char* attribute, int64_t number) {
  Node& added = nodes_.emplace_back();
  added.name = names_.make(concat({node.name, "/", op_type}));
  added.op_type = op_type;
  added.opset = node.opset;
  added.inputs = inputs;
  if (attribute != nullptr) added.attributes.push_back({attribute, number});
  Value value;
  value.name = added.name;
  added.outputs = {graph_.add_value(std::move(value))};
  return added.outputs[0];
}

ValueId Expander::dequantize(const Node& node, const Operand& operand, int64_t axis) {
  return add(node, "DequantizeLinear", {operand.value, operand.scale, operand.zero_point}, "axis",
             axis);
}

/// Makes a node's attributes those of the operator on floats, and finds the opset whose rules they
/// follow.
Status Expander::set_attributes(const Node& node, Node& floats) const {
  SYNSIGHT_TRY_ASSIGN(floats.opset, int_attribute(floats, "opset", node.opset));  // of a Softmax
  if (node.op_type == "QLinearReduceMean") floats.opset = 13;  // whose axes are an attribute
  if (node.op_type == "QGemm") {                               // which multiplies the bias, too
    SYNSIGHT_TRY_ASSIGN(const float alpha, float_attribute(floats, "alpha", 1));
    floats.attributes.push_back({"beta", alpha});
  }
  floats.attributes.push_back({kSumsIntegers, int64_t{1}});
  return {};
}

Status Expander::expand(Node& node, const Form& form) {
  const std::string_view letters = form.inputs;
  SYNSIGHT_TRY_ASSIGN(const int64_t is_transposed, int_attribute(node, "transB", 0));
  SYNSIGHT_TRY_ASSIGN(const int64_t channels_last, int_attribute(node, "channels_last", 0));
  if (channels_last != 0) {
    return fail(ErrorCode::kUnsupportedOp,
                concat({describe(node), ": attribute \"channels_last\" is ", channels_last,
                        ", supported is 0"}));
  }
  SYNSIGHT_TRY(check_inputs(node, letters));
  const bool is_integer = !has(letters, 's');
  Inputs inputs = sort_inputs(node.inputs, letters);
  node.inputs.clear();
  int64_t axis = form.left_axis;
  for (Operand& operand : inputs.operands) {
    if (is_integer) {  // scales of 1, as many as there are zero points
      const ValueId zero = operand.zero_point;
      operand.scale = zero == kNoValue ? add(node, "Constant", {}, "value_int", 1)
                                       : add(node, "Equal", {zero, zero});
      operand.scale = add(node, "Cast", {operand.scale}, "to", kFloat);
    }
    const bool is_plain = has(letters, 'p') && node.inputs.empty();
    node.inputs.push_back(is_plain ? operand.value : dequantize(node, operand, axis));
    axis = is_transposed != 0 ? 0 : form.right_axis;  // QGemm alone can be
  }
  if (inputs.bias != kNoValue) {
    Operand bias;
    bias.value = inputs.bias;
    bias.scale = add(node, "Mul", {inputs.operands[0].scale, inputs.operands[1].scale});
    node.inputs.push_back(dequantize(node, bias, -1));
  }
  ValueId value = add(node, form.op_type.data(), {});
  Node& floats = nodes_.back();
  floats.name = node.name;
  floats.inputs.swap(node.inputs);
  floats.attributes.swap(node.attributes);
  SYNSIGHT_TRY(set_attributes(node, floats));
  if (inputs.addend != kNoValue) value = add(node, "Add", {value, inputs.addend});
  if (is_integer) {
    add(node, "Cast", {value}, "to", kInt32);
    nodes_.back().attributes.push_back({kSumsIntegers, int64_t{1}});
  }
  if (has(letters, 'S') || inputs.output.scale != kNoValue) {
    add(node, "QuantizeLinear", {value, inputs.output.scale, inputs.output.zero_point});
  }
  nodes_.back().outputs.swap(node.outputs);
  return {};
}

/// Whether it is a MaxPool of what a QuantizeLinear with one scale gives, whose steps are ordered
/// as floats are; then it gets the inputs of an operator on quantised values.
bool Expander::becomes_quantized(Node& node) const {
  if (!is_op(node, "MaxPool") || node.inputs.size() != 1 || node.outputs.size() != 1) return false;
  const auto found = quantizers_.find(node.inputs[0]);
  if (found == quantizers_.end()) return false;
  const auto& [scale, zero_point] = found->second;
  if (scale == kNoValue || !graph_.value(scale).is_initializer) return false;
  const Tensor& tensor = graph_.value(scale).initializer;
  const bool is_one = tensor.dtype() == DType::kFloat32 && tensor.shape().num_elements() == 1;
  if (!is_one || !(tensor.as<float>()[0] > 0)) return false;
  node.inputs.insert(node.inputs.end(), {scale, zero_point, scale, zero_point});
  return true;
}

Status Expander::expand_all() {
  for (Node& node : graph_.nodes) {
    const Form* form = node.domain.empty() ? find_form(node.op_type) : nullptr;
    if (becomes_quantized(node)) form = &kMaxPool;
    if (form != nullptr) {
      SYNSIGHT_TRY(expand(node, *form));
    } else {
      nodes_.push_back(std::move(node));
    }
    const Node& last = nodes_.back();
    if (is_op(last, "QuantizeLinear") && last.attributes.empty() && last.inputs.size() == 3 &&
        last.outputs.size() == 1) {
      quantizers_[last.outputs[0]] = {last.inputs[1], last.inputs[2]};
    }
  }
  graph_.nodes.swap(nodes_);
  return {};
}

}  // namespace

std::vector<std::string_view> quantized_operators() {
  std::vector<std::string_view> names;
  if (kIsSmallBuild) return names;
  for (const Form& form : kForms) names.push_back(form.name);
  return names;
}

bool is_quantized_operator(std::string_view op_type) { return find_form(op_type) != nullptr; }

Status expand_quantized(Graph& graph) {
  if (kIsSmallBuild) return {};
  return Expander(graph).expand_all();
}

}  // namespace synsight::onnx
