// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "tests/support/op_case.h"
#include "tests/support/test_tensor.h"

namespace synsight::test {

/// Builds a graph node by node. A value has the name of the node that gives it, with `:1`, `:2`,
/// ... behind it for its further outputs.
class GraphBuilder {
 public:
  explicit GraphBuilder(int64_t opset = 13) : opset_(opset) {}

  /// A graph input; dimensions of -1 are unknown.
  ValueId input(const std::string& name, const Shape& shape, DType dtype = DType::kFloat32);
  ValueId initializer(const std::string& name, const TestTensor& tensor);
  /// A node of one output, which is returned. `name` is made up from the operator's where it is
  /// empty.
  ValueId node(const std::string& op_type, const std::vector<ValueId>& inputs,
               const std::vector<TestAttribute>& attributes = {}, const std::string& name = {});
  /// A node of several outputs.
  std::vector<ValueId> node_with_outputs(const std::string& op_type,
                                         const std::vector<ValueId>& inputs, size_t num_outputs,
                                         const std::vector<TestAttribute>& attributes = {});

  /// The validated graph with these outputs.
  Graph finish(const std::vector<ValueId>& outputs);

 private:
  int64_t opset_;
  Graph graph_;
};

}  // namespace synsight::test
