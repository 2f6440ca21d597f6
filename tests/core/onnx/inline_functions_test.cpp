// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/inline_functions.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/core/onnx/model_writer.h"
#include "tests/support/proto_writer.h"

using namespace synsight;
using namespace synsight::test;

namespace {

struct FunctionParts {
  std::string name;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<ProtoWriter> nodes;
  std::vector<ProtoWriter> default_attributes;
};

ProtoWriter function(const FunctionParts& parts) {
  ProtoWriter function;
  function.bytes(1, parts.name);
  for (const std::string& input : parts.inputs) function.bytes(4, input);
  for (const std::string& output : parts.outputs) function.bytes(5, output);
  for (const ProtoWriter& node : parts.nodes) function.message(7, node);
  function.message(9, opset_import("", 12)).message(9, opset_import("lib", 1));
  function.bytes(10, "lib");
  for (const ProtoWriter& attribute : parts.default_attributes) function.message(11, attribute);
  return function;
}

ProtoWriter call(std::string_view name, const std::vector<std::string>& inputs,
                 const std::vector<std::string>& outputs, std::string_view node_name,
                 const std::vector<ProtoWriter>& attributes = {}) {
  return node(name, inputs, outputs, node_name, attributes).bytes(7, "lib");
}

ProtoWriter reference(std::string_view name, std::string_view outer) {
  return ProtoWriter().bytes(1, name).varint(20, 2).bytes(21, outer);
}

std::string model_with(const std::vector<ProtoWriter>& nodes,
                       const std::vector<FunctionParts>& functions) {
  GraphParts parts;
  parts.nodes = nodes;
  parts.inputs = {value_info("x", kFloatType, {2})};
  parts.outputs = {value_info("y", kFloatType, {2})};
  ProtoWriter model;
  model.varint(1, 8).message(7, graph(parts));
  model.message(8, opset_import("", 13)).message(8, opset_import("lib", 1));
  for (const FunctionParts& part : functions) model.message(25, function(part));
  return model.text();
}

// The nodes of the graph that comes out, or the error.
std::string nodes_of(const std::string& bytes) {
  const auto graph = read(bytes, 5);
  if (!graph) return graph.error().message;
  const std::string text = to_text(*graph);
  return text.substr(text.find("node "));
}

}  // namespace

TEST_CASE("a call is replaced by the function's nodes, under the call's name") {
  const FunctionParts twice = {
      "Twice", {"a"}, {"c"}, {node("Relu", {"a"}, {"b"}, "inner"), node("Relu", {"b"}, {"c"})}, {}};
  CHECK(nodes_of(model_with({call("Twice", {"x"}, {"t"}, "one"), call("Twice", {"t"}, {"y"}, "")},
                            {twice})) ==
        "node one/inner .Relu-12 x -> one/b\n"
        "node one/Relu_1 .Relu-12 one/b -> t\n"
        "node Twice_1/inner .Relu-12 t -> Twice_1/b\n"
        "node Twice_1/Relu_1 .Relu-12 Twice_1/b -> y\n");
}

TEST_CASE("functions may call functions") {
  const FunctionParts inner = {"Inner", {"a"}, {"b"}, {node("Relu", {"a"}, {"b"}, "r")}, {}};
  const FunctionParts outer = {"Outer",
                               {"a"},
                               {"c"},
                               {call("Inner", {"a"}, {"b"}, "i"), call("Inner", {"b"}, {"c"}, "j")},
                               {}};
  CHECK(nodes_of(model_with({call("Outer", {"x"}, {"y"}, "o")}, {inner, outer})) ==
        "node o/i/r .Relu-12 x -> o/b\n"
        "node o/j/r .Relu-12 o/b -> y\n");
}

TEST_CASE("an attribute takes the call's value, the function's default, or is left out") {
  const FunctionParts parts = {
      "Soft", {"a"}, {"b"}, {node("Softmax", {"a"}, {"b"}, "s", {reference("axis", "dim")})}, {}};
  FunctionParts with_default = parts;
  with_default.default_attributes = {int_attribute("dim", 7)};
  const std::string given =
      model_with({call("Soft", {"x"}, {"y"}, "n", {int_attribute("dim", 3)})}, {with_default});
  CHECK(nodes_of(given) == "node n/s .Softmax-12 x -> y axis=3\n");
  const std::string defaulted = model_with({call("Soft", {"x"}, {"y"}, "n")}, {with_default});
  CHECK(nodes_of(defaulted) == "node n/s .Softmax-12 x -> y axis=7\n");
  const std::string left_out = model_with({call("Soft", {"x"}, {"y"}, "n")}, {parts});
  CHECK(nodes_of(left_out) == "node n/s .Softmax-12 x -> y\n");
}

TEST_CASE("every kind of attribute is copied") {
  const ProtoWriter tensor =
      ProtoWriter().bytes(1, "t").message(5, float_tensor("", {1}, {1})).varint(20, 4);
  const ProtoWriter floats = ProtoWriter().bytes(1, "f").bytes(7, raw_floats({2})).varint(20, 6);
  const ProtoWriter ints = ProtoWriter().bytes(1, "i").packed(8, {3}).varint(20, 7);
  const ProtoWriter texts = ProtoWriter().bytes(1, "s").bytes(9, "text").varint(20, 8);
  const FunctionParts parts = {
      "F", {"a"}, {"b"}, {node("Op", {"a"}, {"b"}, "op", {tensor, floats, ints, texts})}, {}};
  CHECK(nodes_of(model_with({call("F", {"x"}, {"y"}, "n")}, {parts})) ==
        "node n/op .Op-12 x -> y t=float32[1] 0000803f f=[2] i=[3] s=[\"text\"]\n");
}

TEST_CASE("absent inputs and outputs stay absent") {
  const FunctionParts parts = {
      "F", {"a", "b"}, {"c", "d"}, {node("Op", {"a", "b"}, {"c", "d"}, "op")}, {}};
  CHECK(nodes_of(model_with({call("F", {"x"}, {"y"}, "n")}, {parts})) ==
        "node n/op .Op-12 x - -> y n/d\n");
}

TEST_CASE("an output that is an input, or given twice, is copied") {
  const FunctionParts same = {"Same", {"a"}, {"a"}, {}, {}};
  CHECK(nodes_of(model_with({call("Same", {"x"}, {"y"}, "n")}, {same})) ==
        "node n/Identity_0 .Identity-12 x -> y\n");
  const FunctionParts both = {"Both", {"a"}, {"b", "b"}, {node("Relu", {"a"}, {"b"}, "r")}, {}};
  CHECK(nodes_of(model_with({call("Both", {"x"}, {"t", "y"}, "n")}, {both})) ==
        "node n/r .Relu-12 x -> t\n"
        "node n/Identity_1 .Identity-12 t -> y\n");
}

TEST_CASE("an inner name that the graph already uses is changed") {
  const FunctionParts parts = {
      "F", {"a"}, {"c"}, {node("Relu", {"a"}, {"b"}, "p"), node("Relu", {"b"}, {"c"}, "q")}, {}};
  CHECK(nodes_of(model_with({node("Relu", {"x"}, {"n/b"}, "n/p"), call("F", {"n/b"}, {"y"}, "n")},
                            {parts})) ==
        "node n/p .Relu-13 x -> n/b\n"
        "node n/p_2 .Relu-12 n/b -> n/b_2\n"
        "node n/q .Relu-12 n/b_2 -> y\n");
}

TEST_CASE("an overload is another function") {
  const ProtoWriter plain = function({"F", {"a"}, {"b"}, {node("Relu", {"a"}, {"b"}, "r")}, {}});
  const ProtoWriter overload =
      function({"F", {"a"}, {"b"}, {node("Tanh", {"a"}, {"b"}, "t")}, {}}).bytes(13, "v2");
  GraphParts parts;
  parts.nodes = {call("F", {"x"}, {"t"}, "m"), call("F", {"t"}, {"y"}, "n").bytes(8, "v2")};
  parts.inputs = {value_info("x", kFloatType, {2})};
  parts.outputs = {value_info("y", kFloatType, {2})};
  CHECK(nodes_of(model(parts) + ProtoWriter().message(25, plain).message(25, overload).text()) ==
        "node m/r .Relu-12 x -> t\n"
        "node n/t .Tanh-12 t -> y\n");
}

TEST_CASE("calls that do not fit or go round are errors") {
  const FunctionParts loop = {"Loop", {"a"}, {"b"}, {call("Loop", {"a"}, {"b"}, "l")}, {}};
  CHECK(nodes_of(model_with({call("Loop", {"x"}, {"y"}, "n")}, {loop}))
            .ends_with(": functions call each other more than 16 deep"));
  const FunctionParts one = {"One", {"a"}, {"b"}, {node("Relu", {"a"}, {"b"})}, {}};
  CHECK(nodes_of(model_with({call("One", {"x", "x"}, {"y"}, "n")}, {one})) ==
        "node \"n\" (One): has more inputs or outputs than the function it calls");
}

TEST_CASE("a small file whose functions stand for very much is an error") {
  // Eight calls of eight calls of ...: 8^7 nodes from 60 lines.
  std::vector<FunctionParts> functions;
  for (int level = 0; level < 8; ++level) {
    FunctionParts parts = {"F" + std::to_string(level), {"a"}, {"b"}, {}, {}};
    for (int i = 0; i < 8; ++i) {
      parts.nodes.push_back(call("F" + std::to_string(level + 1), {"a"}, {"b"}, ""));
    }
    functions.push_back(parts);
  }
  CHECK(nodes_of(model_with({call("F0", {"x"}, {"y"}, "n")}, functions)) ==
        "the model's functions stand for more than 131072 nodes");

  FunctionParts big = {"Big", {"a"}, {"b"}, {node("Relu", {"a"}, {"b"})}, {}};
  const ProtoWriter text =
      ProtoWriter().bytes(1, "s").bytes(4, std::string(1 << 20, 's')).varint(20, 3);
  big.nodes.push_back(node("Op", {}, {"c"}, "op", {text}));
  std::vector<ProtoWriter> calls;
  for (int i = 0; i < 300; ++i) {
    calls.push_back(call("Big", {"x"}, {"t" + std::to_string(i)}, ""));
  }
  CHECK(nodes_of(model_with(calls, {big})) ==
        "the model's functions stand for more than 268435456 bytes of attributes");
}
