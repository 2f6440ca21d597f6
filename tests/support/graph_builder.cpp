// SPDX-License-Identifier: Apache-2.0
#include "tests/support/graph_builder.h"

#include <utility>

#include "core/base/text.h"
#include "tests/support/expect.h"

namespace synsight::test {

ValueId GraphBuilder::input(const std::string& name, const Shape& shape, DType dtype) {
  Value value;
  value.name = name;
  value.dtype = dtype;
  value.shape = shape;
  value.has_shape = true;
  graph_.inputs.push_back(graph_.add_value(std::move(value)));
  return graph_.inputs.back();
}

ValueId GraphBuilder::initializer(const std::string& name, const TestTensor& tensor) {
  return graph_.add_initializer(name, to_tensor(tensor));
}

ValueId GraphBuilder::node(const std::string& op_type, const std::vector<ValueId>& inputs,
                           const std::vector<TestAttribute>& attributes, const std::string& name) {
  const ValueId output = node_with_outputs(op_type, inputs, 1, attributes)[0];
  if (!name.empty()) graph_.nodes.back().name = graph_.value(output).name = name;
  return output;
}

std::vector<ValueId> GraphBuilder::node_with_outputs(const std::string& op_type,
                                                     const std::vector<ValueId>& inputs,
                                                     size_t num_outputs,
                                                     const std::vector<TestAttribute>& attributes) {
  Node node;
  node.name = concat({op_type, "_", graph_.nodes.size()});
  node.op_type = op_type;
  node.opset = opset_;
  node.inputs = inputs;
  for (const TestAttribute& attribute : attributes) {
    node.attributes.push_back(to_attribute(attribute));
  }
  for (size_t i = 0; i < num_outputs; ++i) {
    Value value;
    value.name = i == 0 ? node.name : concat({node.name, ":", i});
    node.outputs.push_back(graph_.add_value(std::move(value)));
  }
  graph_.nodes.push_back(std::move(node));
  return graph_.nodes.back().outputs;
}

Graph GraphBuilder::finish(const std::vector<ValueId>& outputs) {
  graph_.outputs = outputs;
  expect(validate(graph_));
  return std::move(graph_);
}

}  // namespace synsight::test
