// SPDX-License-Identifier: Apache-2.0
#include "tests/core/optimize/pass_check.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/backend/reference/reference_backend.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

namespace {

std::vector<Tensor> random_inputs(const Graph& graph) {
  std::vector<Tensor> inputs;
  for (const ValueId id : graph.inputs) {
    const Value& value = graph.value(id);
    Shape shape = value.shape;
    for (size_t axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] < 0) shape[axis] = 2;
    }
    const auto seed = static_cast<uint32_t>(17 + inputs.size());
    const bool is_float = dtype_name(value.dtype).find("float") != std::string_view::npos;
    TestTensor tensor = is_float ? random_tensor(shape, seed, -2, 2)
                                 : random_tensor(shape, seed, -8, 8, value.dtype);
    tensor.dtype = value.dtype;
    inputs.push_back(to_tensor(tensor));
  }
  return inputs;
}

std::vector<Tensor> run(Graph graph, std::span<const Tensor> inputs) {
  std::vector<TensorView> views;
  for (const Tensor& input : inputs) views.push_back(input.view());
  return expect(run_graph(ReferenceBackend(), std::move(graph), views));
}

Graph rewritten(Pass pass, const BuildGraph& build) {
  Graph graph = build();
  expect(pass(graph));
  expect(validate(graph));
  return graph;
}

void check_same_interface(const Graph& before, const Graph& after) {
  const auto check = [&](const std::vector<ValueId>& old_ids, const std::vector<ValueId>& new_ids) {
    CHECK(old_ids.size() == new_ids.size());
    for (size_t i = 0; i < std::min(old_ids.size(), new_ids.size()); ++i) {
      CHECK(before.value(old_ids[i]).name == after.value(new_ids[i]).name);
    }
  };
  check(before.inputs, after.inputs);
  check(before.outputs, after.outputs);
}

}  // namespace

Graph check_pass(Pass pass, const BuildGraph& build, size_t accumulation_length) {
  const Graph before = build();
  const std::vector<Tensor> inputs = random_inputs(before);
  const std::vector<Tensor> wanted = run(build(), inputs);
  const std::vector<Tensor> found = run(rewritten(pass, build), inputs);
  CHECK(found.size() == wanted.size());
  for (size_t i = 0; i < std::min(found.size(), wanted.size()); ++i) {
    const double magnitude = max_magnitude(to_doubles(wanted[i].view()));
    const double allowed = tolerance(accumulation_length, wanted[i].dtype(), magnitude);
    const std::string difference = mismatch(found[i].view(), wanted[i].view(), allowed);
    CHECK_MESSAGE(difference.empty(), "output ", i, ": ", difference);
  }
  Graph after = rewritten(pass, build);
  check_same_interface(before, after);
  return after;
}

std::string op_types(const Graph& graph) {
  std::string text;
  for (const Node& node : graph.nodes) text += node.op_type + " ";
  return text;
}

const Node& node_named(const Graph& graph, std::string_view name) {
  const auto found = std::find_if(graph.nodes.begin(), graph.nodes.end(),
                                  [&](const Node& node) { return node.name == name; });
  CHECK_MESSAGE(found != graph.nodes.end(), "no node ", std::string(name));
  static const Node kNone;
  return found != graph.nodes.end() ? *found : kNone;
}

size_t initializer_bytes(const Graph& graph) {
  size_t size_bytes = 0;
  for (const Value& value : graph.values) size_bytes += value.initializer.size_bytes();
  return size_bytes;
}

}  // namespace synsight::test
