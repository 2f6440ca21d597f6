// SPDX-License-Identifier: Apache-2.0
#include "core/graph/graph.h"

#include <doctest/doctest.h>

#include "core/graph/attributes.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"

namespace synsight::test {

namespace {

/// y = relu(x + c), and x + c as well.
Graph small_graph() {
  GraphBuilder b;
  const ValueId x = b.input("x", {2});
  const ValueId c = b.initializer("c", {{2}, {1, 2}});
  const ValueId sum = b.node("Add", {x, c}, {}, "sum");
  return b.finish({b.node("Relu", {sum}, {}, "y"), sum});
}

void check_fails(const Status& status, std::string_view part) {
  CHECK(!status.has_value());
  if (status) return;
  CHECK(error_code_name(status.error().code) == "invalid_model");
  CHECK_MESSAGE(status.error().message.find(part) != std::string::npos, status.error().message);
}

struct InvalidCase {
  const char* part;  // of the message
  void (*damage)(Graph& graph);
};

const InvalidCase kInvalidCases[] = {
    {"node \"sum\" (Add)", [](Graph& graph) { graph.nodes[0].inputs[0] = 99; }},
    {"node \"y\" (Relu)", [](Graph& graph) { graph.nodes[1].outputs[0] = -2; }},
    {"\"y\" is read before", [](Graph& graph) { graph.nodes[0].inputs[0] = graph.outputs[0]; }},
    {"\"sum\" is written twice",
     [](Graph& graph) { graph.nodes[1].outputs[0] = graph.nodes[0].outputs[0]; }},
    {"\"x\" is written twice", [](Graph& graph) { graph.nodes[1].outputs[0] = graph.inputs[0]; }},
    {"\"c\" is written twice",
     [](Graph& graph) { graph.nodes[1].outputs[0] = graph.nodes[0].inputs[1]; }},
    {"\"x\" is given twice", [](Graph& graph) { graph.inputs.push_back(graph.inputs[0]); }},
    {"\"c\" is given twice",
     [](Graph& graph) { graph.inputs.push_back(graph.nodes[0].inputs[1]); }},
    {"not unique", [](Graph& graph) { graph.nodes[1].name = "sum"; }},
    {"not unique", [](Graph& graph) { graph.nodes[1].name = ""; }},
    {"no outputs", [](Graph& graph) { graph.outputs.clear(); }},
    {"graph outputs", [](Graph& graph) { graph.outputs[0] = 99; }},
    {"\"y\" is given by no node", [](Graph& graph) { graph.nodes.pop_back(); }},
};

}  // namespace

TEST_CASE("a graph that keeps the rules is valid") {
  Graph graph = small_graph();
  CHECK(validate(graph).has_value());
  graph.nodes[0].inputs.push_back(kNoValue);
  graph.nodes[1].outputs.push_back(kNoValue);
  CHECK(validate(graph).has_value());
}

TEST_CASE("each broken rule is refused, naming the node or value") {
  for (const InvalidCase& c : kInvalidCases) {
    Graph graph = small_graph();
    c.damage(graph);
    check_fails(validate(graph), c.part);
  }
}

TEST_CASE("uses and producers are counted") {
  Graph graph = small_graph();
  const auto index = [](ValueId id) { return static_cast<size_t>(id); };
  const size_t x = index(graph.inputs[0]);
  const size_t y = index(graph.outputs[0]);
  const size_t sum = index(graph.outputs[1]);
  const std::vector<int> uses = count_uses(graph);
  const std::vector<int> producers = find_producers(graph);
  CHECK(uses[x] == 1);
  CHECK(uses[y] == 1);
  CHECK(uses[sum] == 2);
  CHECK(producers[x] == -1);
  CHECK(producers[sum] == 0);
  CHECK(producers[y] == 1);
}

TEST_CASE("nodes of other domains are described with them") {
  Node node;
  node.name = "a";
  node.op_type = "Fused";
  CHECK(describe(node) == "node \"a\" (Fused)");
  node.domain = "com.example";
  CHECK(describe(node) == "node \"a\" (com.example.Fused)");
}

TEST_CASE("attributes are read by name and kind, or fall back") {
  Node node;
  node.name = "a";
  node.op_type = "Op";
  node.attributes.push_back({"count", int64_t{3}});
  node.attributes.push_back({"factor", 0.5f});
  node.attributes.push_back({"mode", std::string("edge")});
  node.attributes.push_back({"axes", std::vector<int64_t>{1, 2}});
  node.attributes.push_back({"scales", std::vector<float>{1.5f}});
  node.attributes.push_back({"value", to_tensor({{1}, {7}})});
  CHECK(expect(int_attribute(node, "count", 9)) == 3);
  CHECK(expect(int_attribute(node, "other", 9)) == 9);
  CHECK(expect(float_attribute(node, "factor", 1)) == 0.5f);
  CHECK(expect(float_attribute(node, "other", 1)) == 1.0f);
  CHECK(expect(string_attribute(node, "mode", "wrap")) == "edge");
  CHECK(expect(string_attribute(node, "other", "wrap")) == "wrap");
  CHECK(expect(ints_attribute(node, "axes", {})) == std::vector<int64_t>{1, 2});
  CHECK(expect(ints_attribute(node, "other", {5})) == std::vector<int64_t>{5});
  CHECK(expect(floats_attribute(node, "scales", {})) == std::vector<float>{1.5f});
  CHECK(expect(tensor_attribute(node, "value"))->as<float>()[0] == 7);
  CHECK(expect(tensor_attribute(node, "other")) == nullptr);
}

TEST_CASE("an attribute of another kind is refused, naming the node and the attribute") {
  Node node;
  node.name = "a";
  node.op_type = "Op";
  node.attributes.push_back({"count", 0.5f});
  const auto count = int_attribute(node, "count", 9);
  check_fails(count ? Status() : Status(tl::unexpected(count.error())), "node \"a\" (Op)");
  check_fails(count ? Status() : Status(tl::unexpected(count.error())),
              "\"count\" is not an integer");
}

}  // namespace synsight::test
