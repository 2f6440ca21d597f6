// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/small_build.h"
#include "core/graph/attributes.h"
#include "core/ops/einsum.h"
#include "core/optimize/optimize.h"
#include "core/optimize/rewrite.h"
#include "core/optimize/value_facts.h"

namespace synsight::optimize {

namespace {

bool has(const std::string& labels, char label) { return labels.find(label) != std::string::npos; }

bool are_different_letters(const std::string& labels) {
  for (size_t i = 0; i < labels.size(); ++i) {
    const bool is_letter = std::isalpha(static_cast<unsigned char>(labels[i])) != 0;
    if (!is_letter || labels.find(labels[i]) != i) return false;
  }
  return true;
}

/// The equation of an Einsum of two operands without diagonals and ellipses, a letter an axis.
std::optional<ops::EinsumEquation> find_equation(const ValueFacts& facts, const Node& node) {
  const bool is_einsum = is_op(node, "Einsum") && node.inputs.size() == 2 &&
                         node.outputs.size() == 1 && node.activation.is_identity();
  if (!is_einsum) return std::nullopt;
  const ops::ValueInfo operands[] = {facts[node.inputs[0]], facts[node.inputs[1]]};
  auto equation = ops::parse_einsum_equation(node, operands);
  const bool is_plain = equation && are_different_letters(equation->inputs[0]) &&
                        are_different_letters(equation->inputs[1]) &&
                        are_different_letters(equation->output);
  return is_plain ? std::optional(*std::move(equation)) : std::nullopt;
}

/// The letters of the terms in a matrix product's order: those that all terms have, the row's, the
/// summed one, the column's.
struct Product {
  std::string batch;
  std::string row;
  std::string summed;
  std::string column;
};

/// Nothing where there is not one letter for each of a matrix's axes.
std::optional<Product> find_product(const ops::EinsumEquation& equation) {
  const std::string& left = equation.inputs[0];
  const std::string& right = equation.inputs[1];
  Product product;
  for (const char label : equation.output) {
    const bool is_left = has(left, label);
    const bool is_right = has(right, label);
    if (!is_left && !is_right) return std::nullopt;
    std::string& labels = !is_right ? product.row : !is_left ? product.column : product.batch;
    labels += label;
  }
  for (const char label : left) {
    if (has(equation.output, label)) continue;
    if (!has(right, label)) return std::nullopt;
    product.summed += label;
  }
  for (const char label : right) {
    if (!has(equation.output, label) && !has(left, label)) return std::nullopt;
  }
  const bool is_product =
      product.row.size() == 1 && product.summed.size() == 1 && product.column.size() == 1;
  return is_product ? std::optional(std::move(product)) : std::nullopt;
}

/// The axes of a term, in the order of `wanted`.
std::vector<int64_t> axes_of(const std::string& wanted, const std::string& term) {
  std::vector<int64_t> axes;
  for (const char label : wanted) axes.push_back(static_cast<int64_t>(term.find(label)));
  return axes;
}

/// The nodes that stand for an Einsum; the last has its name and its output.
class Replacement {
 public:
  Replacement(Graph& graph, Node& einsum) : graph_(graph), einsum_(einsum) {}

  ValueId transpose(ValueId input, std::vector<int64_t> perm, const char* suffix) {
    if (std::is_sorted(perm.begin(), perm.end())) return input;
    const ValueId output = add("Transpose", {input}, suffix);
    set_attribute(nodes_.back(), {"perm", std::move(perm)});
    return output;
  }

  ValueId multiply(ValueId left, ValueId right) { return add("MatMul", {left, right}, "/product"); }

  std::vector<Node> finish() {
    nodes_.back().name = std::move(einsum_.name);
    nodes_.back().outputs = std::move(einsum_.outputs);
    nodes_.back().activation = einsum_.activation;
    return std::move(nodes_);
  }

 private:
  ValueId add(const char* op_type, std::vector<ValueId> inputs, const char* suffix) {
    Node node;
    node.name = unique_node_name(graph_, einsum_.name + suffix);
    node.op_type = op_type;
    node.opset = einsum_.opset;
    node.inputs = std::move(inputs);
    Value value;
    value.name = node.name;
    const ValueId output = graph_.add_value(std::move(value));
    node.outputs = {output};
    nodes_.push_back(std::move(node));
    return output;
  }

  Graph& graph_;
  Node& einsum_;
  std::vector<Node> nodes_;
};

/// Empty where the node is no Einsum that is a matrix product.
std::vector<Node> replace(Graph& graph, const ValueFacts& facts, Node& node) {
  auto equation = find_equation(facts, node);
  auto product = equation ? find_product(*equation) : std::nullopt;
  if (!product) return {};
  ValueId left = node.inputs[0];
  ValueId right = node.inputs[1];
  std::string& left_labels = equation->inputs[0];
  std::string& right_labels = equation->inputs[1];
  // With the operands exchanged the output has its axes in the order that is wanted, or nearly.
  if (equation->output.find(product->column) < equation->output.find(product->row)) {
    std::swap(left, right);
    std::swap(left_labels, right_labels);
    std::swap(product->row, product->column);
  }
  // The size of 1 of a summed axis would broadcast.
  if (facts[left].shape[left_labels.find(product->summed)] !=
      facts[right].shape[right_labels.find(product->summed)]) {
    return {};
  }
  const auto& [batch, row, summed, column] = *product;
  Replacement replacement(graph, node);
  left = replacement.transpose(left, axes_of(batch + row + summed, left_labels), "/left");
  right = replacement.transpose(right, axes_of(batch + summed + column, right_labels), "/right");
  const ValueId output = replacement.multiply(left, right);
  replacement.transpose(output, axes_of(equation->output, batch + row + column), "/output");
  return replacement.finish();
}

}  // namespace

Status replace_einsum(Graph& graph) {
  if (kIsSmallBuild) return {};  // which has no Einsum
  const ValueFacts facts(graph);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    std::vector<Node> nodes = replace(graph, facts, graph.nodes[i]);
    if (nodes.empty()) continue;
    const auto place = graph.nodes.begin() + static_cast<std::ptrdiff_t>(i);
    graph.nodes.insert(graph.nodes.erase(place), std::make_move_iterator(nodes.begin()),
                       std::make_move_iterator(nodes.end()));
    i += nodes.size() - 1;
  }
  return {};
}

}  // namespace synsight::optimize
