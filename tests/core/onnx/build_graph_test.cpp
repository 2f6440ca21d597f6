// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/build_graph.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/core/onnx/model_writer.h"
#include "tests/support/proto_writer.h"

using namespace synsight;
using namespace synsight::test;

namespace {

// x -> y, with the nodes between them.
GraphParts parts_with(std::vector<ProtoWriter> nodes) {
  GraphParts parts;
  parts.nodes = std::move(nodes);
  parts.inputs = {value_info("x", kFloatType, {2})};
  parts.outputs = {value_info("y", kFloatType, {2})};
  return parts;
}

std::string refusal(const GraphParts& parts, ErrorCode code = ErrorCode::kInvalidModel) {
  const auto graph = read(model(parts));
  if (graph) return "";
  CHECK(graph.error().code == code);
  return graph.error().message;
}

std::vector<std::string> node_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes) names.push_back(node.name);
  return names;
}

}  // namespace

TEST_CASE("an initializer that is also listed as an input is none (IR version 3)") {
  GraphParts parts = parts_with({node("Add", {"x", "w"}, {"y"})});
  parts.initializers = {float_tensor("w", {2}, {1, 2})};
  parts.inputs.push_back(value_info("w", kFloatType, {2}));
  const auto graph = read(model(parts));
  REQUIRE(graph.has_value());
  REQUIRE(graph->inputs.size() == 1);
  CHECK(graph->value(graph->inputs[0]).name == "x");
}

TEST_CASE("nodes without a name get one, and all names are unique") {
  const auto graph = read(model(parts_with({
      node("Relu", {"x"}, {"a"}),
      node("Relu", {"a"}, {"b"}, "same"),
      node("Relu", {"b"}, {"c"}, "same"),
      node("Relu", {"c"}, {"d"}, "Relu_0"),
      node("Relu", {"d"}, {"e"}, "same"),
      node("Relu", {"e"}, {"y"}, "same_2"),
  })));
  REQUIRE(graph.has_value());
  CHECK(node_names(*graph) ==
        std::vector<std::string>{"Relu_0_2", "same", "same_3", "Relu_0", "same_4", "same_2"});
}

TEST_CASE("nodes in any order are sorted, as little as needed") {
  const auto graph = read(model(parts_with({
      node("Add", {"b", "c"}, {"y"}, "last"),
      node("Relu", {"a"}, {"c"}, "third"),
      node("Relu", {"a"}, {"b"}, "second"),
      node("Relu", {"x"}, {"a"}, "first"),
  })));
  REQUIRE(graph.has_value());
  CHECK(node_names(*graph) == std::vector<std::string>{"first", "third", "second", "last"});
}

TEST_CASE("nodes that wait for each other are an error") {
  CHECK(refusal(parts_with({node("Add", {"x", "b"}, {"a"}, "p"), node("Relu", {"a"}, {"b"}, "q"),
                            node("Relu", {"x"}, {"y"}, "r")})) ==
        "node \"p\" (Add): input \"b\" is read before any node, input or initializer gives it");
  CHECK(refusal(parts_with({node("Relu", {"y"}, {"y"}, "self")})) ==
        "node \"self\" (Relu): input \"y\" is read before any node, input or initializer gives it");
}

TEST_CASE("both names of ONNX's domain are the same") {
  const auto graph = read(model(parts_with({node("Relu", {"x"}, {"y"}).bytes(7, "ai.onnx")})));
  REQUIRE(graph.has_value());
  CHECK(graph->nodes[0].domain == "");
  CHECK(graph->nodes[0].opset == 13);
}

TEST_CASE("another domain's node has the version that the model imports") {
  const ProtoWriter net = graph(parts_with({node("Relu", {"x"}, {"y"}).bytes(7, "com.example")}));
  const auto graph = read(
      ProtoWriter().varint(1, 8).message(7, net).message(8, opset_import("com.example", 3)).text());
  REQUIRE(graph.has_value());
  CHECK(graph->nodes[0].domain == "com.example");
  CHECK(graph->nodes[0].opset == 3);
}

TEST_CASE("the quantization that ONNX Runtime writes for its own is ONNX's") {
  for (const char* op_type : {"QuantizeLinear", "DequantizeLinear"}) {
    const ProtoWriter node_of_it = node(op_type, {"x", "x"}, {"y"}).bytes(7, "com.microsoft");
    const auto graph = read(model(parts_with({node_of_it})));
    REQUIRE(graph.has_value());
    CHECK(graph->nodes[0].domain == "");
    CHECK(graph->nodes[0].opset == 13);
  }
  const auto graph =
      read(model(parts_with({node("FusedConv", {"x"}, {"y"}).bytes(7, "com.microsoft")})));
  REQUIRE(graph.has_value());
  CHECK(graph->nodes[0].domain == "com.microsoft");
}

TEST_CASE("absent outputs and inputs are kept as such") {
  const auto graph = read(model(parts_with({node("Dropout", {"x", "", ""}, {"y", ""})})));
  REQUIRE(graph.has_value());
  CHECK(graph->nodes[0].inputs == std::vector<ValueId>{0, kNoValue, kNoValue});
  CHECK(graph->nodes[0].outputs == std::vector<ValueId>{1, kNoValue});
}

TEST_CASE("names that lead nowhere, or to two things, are errors") {
  CHECK(refusal(parts_with({node("Relu", {"z"}, {"y"}, "r")})) ==
        "node \"r\" (Relu): input \"z\" is no graph input, initializer or output of a node");
  CHECK(refusal(parts_with({node("Relu", {"x"}, {"z"})})) ==
        "graph output \"y\" is given by no node");
  CHECK(refusal(parts_with({node("Relu", {"x"}, {"y"}, "r"), node("Relu", {"x"}, {"y"}, "s")})) ==
        "node \"s\" (Relu): output \"y\" is written twice");
  CHECK(refusal(parts_with({node("Relu", {"x"}, {"x"}, "r"), node("Relu", {"x"}, {"y"})})) ==
        "node \"r\" (Relu): output \"x\" is written twice");
  GraphParts twice = parts_with({node("Relu", {"x"}, {"y"})});
  twice.initializers = {float_tensor("w", {1}, {1}), float_tensor("w", {1}, {1})};
  CHECK(refusal(twice) == "initializer \"w\": the name is not unique");
  GraphParts unnamed = parts_with({node("Relu", {"x"}, {"y"})});
  unnamed.initializers = {float_tensor("", {1}, {1})};
  CHECK(refusal(unnamed) == "initializer \"\": the name is not unique");
  GraphParts inputs = parts_with({node("Relu", {"x"}, {"y"})});
  inputs.inputs.push_back(inputs.inputs[0]);
  CHECK(refusal(inputs) == "graph input \"x\" is given twice");
  GraphParts no_outputs = parts_with({node("Relu", {"x"}, {"y"})});
  no_outputs.outputs.clear();
  CHECK(refusal(no_outputs) == "the graph has no outputs");
}

TEST_CASE("an initializer of an unsupported type matters only where it is used") {
  GraphParts parts = parts_with({node("Relu", {"x"}, {"y"})});
  parts.initializers = {tensor_header("w", kFloat8Type, {2}).bytes(9, "12")};
  CHECK(refusal(parts) == "");
  parts.nodes = {node("Add", {"x", "w"}, {"y"}, "add")};
  CHECK(refusal(parts, ErrorCode::kUnsupportedType) ==
        "node \"add\" (Add): initializer \"w\" is of type float8e4m3fn, which is not supported");
}

TEST_CASE("a sparse initializer is refused by its name") {
  const ProtoWriter values = ProtoWriter().message(1, float_tensor("holes", {1}, {1}));
  const ProtoWriter net = graph(parts_with({node("Relu", {"x"}, {"y"})})).message(15, values);
  const auto graph = read(model(net));
  REQUIRE_FALSE(graph.has_value());
  CHECK(graph.error().code == ErrorCode::kUnsupportedType);
  CHECK(graph.error().message == "initializer \"holes\": sparse tensors are not supported");
}

TEST_CASE("inputs and outputs must be tensors of supported types") {
  GraphParts parts = parts_with({node("Relu", {"x"}, {"y"})});
  parts.inputs = {value_info("x", kStringType, {2})};
  CHECK(refusal(parts, ErrorCode::kUnsupportedType) ==
        "graph input \"x\" is of type string, which is not supported");
  parts.inputs = {ProtoWriter().bytes(1, "x")};
  CHECK(refusal(parts) == "graph input \"x\" has no element type");
  parts.inputs = {value_info("x", kFloatType, {2})};
  parts.outputs = {ProtoWriter().bytes(1, "y").message(2, ProtoWriter().bytes(4, ""))};
  CHECK(refusal(parts, ErrorCode::kUnsupportedType) ==
        "graph output \"y\" is of type sequence, which is not supported");
}

TEST_CASE("unknown dimensions are -1, and an input may have no shape at all") {
  GraphParts parts = parts_with({node("Relu", {"x"}, {"y"})});
  const ProtoWriter negative_dim = ProtoWriter().varint(1, ~uint64_t{0});
  const ProtoWriter shape = ProtoWriter()
                                .message(1, ProtoWriter())
                                .message(1, negative_dim)
                                .message(1, ProtoWriter().bytes(2, "n"));
  const ProtoWriter type = ProtoWriter().varint(1, kFloatType).message(2, shape);
  parts.inputs = {ProtoWriter().bytes(1, "x").message(2, ProtoWriter().message(1, type))};
  const auto unknown = read(model(parts));
  REQUIRE(unknown.has_value());
  CHECK(unknown->value(unknown->inputs[0]).shape == Shape({-1, -1, -1}));

  const ProtoWriter rankless = ProtoWriter().message(1, ProtoWriter().varint(1, kFloatType));
  parts.inputs = {ProtoWriter().bytes(1, "x").message(2, rankless)};
  const auto shapeless = read(model(parts));
  REQUIRE(shapeless.has_value());
  CHECK_FALSE(shapeless->value(shapeless->inputs[0]).has_shape);
}
