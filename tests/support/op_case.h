// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "core/graph/graph.h"
#include "tests/support/test_tensor.h"

namespace synsight::test {

/// An attribute as tests write it: {"axis", 1}, {"alpha", 0.5}, {"auto_pad", "VALID"},
/// {"pads", {1, 1, 1, 1}}, {"value", TestTensor{...}}.
struct TestAttribute {
  using Value = std::variant<int64_t, float, std::string, std::vector<int64_t>, std::vector<float>,
                             std::vector<std::string>, TestTensor>;

  template <std::integral T>
  TestAttribute(std::string attribute_name, T number)
      : name(std::move(attribute_name)), value(static_cast<int64_t>(number)) {}
  TestAttribute(std::string attribute_name, double number)
      : name(std::move(attribute_name)), value(static_cast<float>(number)) {}
  TestAttribute(std::string attribute_name, const char* text)
      : name(std::move(attribute_name)), value(std::string(text)) {}
  TestAttribute(std::string attribute_name, std::initializer_list<int> numbers)
      : name(std::move(attribute_name)),
        value(std::vector<int64_t>(numbers.begin(), numbers.end())) {}
  TestAttribute(std::string attribute_name, std::vector<int64_t> numbers)
      : name(std::move(attribute_name)), value(std::move(numbers)) {}
  TestAttribute(std::string attribute_name, std::vector<float> numbers)
      : name(std::move(attribute_name)), value(std::move(numbers)) {}
  TestAttribute(std::string attribute_name, std::vector<std::string> texts)
      : name(std::move(attribute_name)), value(std::move(texts)) {}
  TestAttribute(std::string attribute_name, TestTensor tensor)
      : name(std::move(attribute_name)), value(std::move(tensor)) {}

  std::string name;
  Value value;
};

Attribute to_attribute(const TestAttribute& attribute);

/// A node's input: fed at each run, an initializer, or left out.
struct CaseInput {
  enum class Kind { kFed, kInitializer, kAbsent };

  Kind kind = Kind::kAbsent;
  TestTensor tensor;
};

inline CaseInput fed(TestTensor tensor) { return {CaseInput::Kind::kFed, std::move(tensor)}; }
inline CaseInput constant(TestTensor tensor) {
  return {CaseInput::Kind::kInitializer, std::move(tensor)};
}
inline CaseInput absent() { return {}; }

/// One operator on given inputs.
struct OpNode {
  std::string op_type;
  int64_t opset = 0;
  std::vector<TestAttribute> attributes;
  std::vector<CaseInput> inputs;
  ActivationRange activation = {};
};

/// One operator, its inputs and what it must give.
struct OpCase {
  std::string description;
  OpNode node;
  std::vector<TestTensor> outputs;  // dtype kUndefined: the node leaves this output out
  /// Roundings that an output element may accumulate (see `tolerance`), at the size of the largest
  /// element or of `magnitude` if that is larger. 0: the elements must be equal.
  size_t accumulation_length = 0;
  double magnitude = 0;
};

/// One operator that must be refused.
struct OpErrorCase {
  std::string description;
  OpNode node;
  ErrorCode code = ErrorCode::kInternal;
  std::vector<std::string> message_parts;  // each must occur in the message, which names the node
  size_t num_outputs = 1;
};

/// A graph of the one node, which is named "tested", with a graph input for each fed input, in
/// order, and a graph output for each entry of `has_output` that is true.
Graph build_graph(const OpNode& node, const std::vector<bool>& has_output);

/// Runs every case on every backend, twice, and checks the outputs' dtypes, shapes and elements. A
/// case with one f32 output also runs with a Relu and with a narrower clamp fused into its node.
void run_op_cases(std::span<const OpCase> cases);

/// Checks that every backend refuses each case with its code and message.
void run_op_error_cases(std::span<const OpErrorCase> cases);

}  // namespace synsight::test
