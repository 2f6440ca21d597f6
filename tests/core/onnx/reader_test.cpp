// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/reader.h"

#include <doctest/doctest.h>

#include <bit>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/core/onnx/model_writer.h"
#include "tests/support/proto_writer.h"

using namespace synsight;
using namespace synsight::test;

namespace {

// A Constant node with one attribute, whose output is the graph's.
std::string constant_model(const ProtoWriter& attribute) {
  GraphParts parts;
  parts.nodes = {node("Constant", {}, {"y"}, "k", {attribute})};
  parts.outputs = {value_info("y", kFloatType, {})};
  return model(parts);
}

}  // namespace

TEST_CASE("a small model becomes the graph that it describes, in pieces of any size") {
  const std::string wanted =
      "graph net ir 8 by writer 1.0\n"
      "meta synsight.color=RGB\n"
      "value w float32[1,2,1,1] 0000003f000000c0\n"
      "value x float32[?,2,3,3]\n"
      "value c float32[?,1,5,3]\n"
      "value y float32[?,1,5,3]\n"
      "in x\n"
      "out y\n"
      "node conv1 .Conv-13 x w - -> c group=1 pads=[1,0,1,0]\n"
      "node Relu_1 .Relu-13 c -> y\n";
  const std::string bytes = small_model();
  for (const size_t piece_size : {0, 1, 2, 3, 7, 64}) {
    CAPTURE(piece_size);
    const auto graph = read(bytes, piece_size);
    REQUIRE(graph.has_value());
    CHECK(to_text(*graph) == wanted);
  }
}

TEST_CASE("every kind of attribute is read") {
  const auto value_of = [](const ProtoWriter& attribute) {
    auto graph = read(constant_model(attribute), 1);
    REQUIRE(graph.has_value());
    return std::move(graph->nodes[0].attributes[0].value);
  };
  const auto named = [] { return ProtoWriter().bytes(1, "value"); };
  CHECK(std::get<float>(
            value_of(named().fixed32(2, std::bit_cast<uint32_t>(1.5f)).varint(20, 1))) == 1.5f);
  CHECK(std::get<int64_t>(value_of(named().varint(3, ~uint64_t{0}).varint(20, 2))) == -1);
  CHECK(std::get<std::string>(value_of(named().bytes(4, "SAME_UPPER").varint(20, 3))) ==
        "SAME_UPPER");
  const auto tensor = value_of(named().message(5, float_tensor("", {2}, {1, 2})).varint(20, 4));
  CHECK(std::get<Tensor>(tensor).as<float>()[1] == 2);
  CHECK(std::get<std::vector<float>>(
            value_of(named().bytes(7, raw_floats({1, 2})).fixed32(7, 0).varint(20, 6))) ==
        std::vector<float>{1, 2, 0});
  CHECK(std::get<std::vector<int64_t>>(value_of(
            named().varint(8, 3).packed(8, {4}).varint(20, 7))) == std::vector<int64_t>{3, 4});
  CHECK(std::get<std::vector<std::string>>(value_of(named().bytes(9, "a").bytes(9, "").varint(
            20, 8))) == std::vector<std::string>{"a", ""});
}

TEST_CASE("an attribute of an unsupported kind is refused with its node") {
  const auto refusal = [](const ProtoWriter& attribute) {
    const auto graph = read(constant_model(attribute));
    REQUIRE_FALSE(graph.has_value());
    CHECK(graph.error().code == ErrorCode::kUnsupportedOp);
    return graph.error().message;
  };
  const auto named = [] { return ProtoWriter().bytes(1, "then_branch"); };
  const std::string where = "node \"k\" (Constant): attribute \"then_branch\" is ";
  CHECK(refusal(named().message(6, graph({})).varint(20, 5)) ==
        where + "a graph, which is not supported");
  CHECK(refusal(named().bytes(22, "").varint(20, 11)) ==
        where + "a sparse tensor, which is not supported");
  CHECK(refusal(named().message(5, tensor_header("", kStringType, {1})).varint(20, 4)) ==
        where + "a tensor of type string, which is not supported");
}

TEST_CASE("a broken attribute is an error that names the node") {
  const auto refusal = [](const ProtoWriter& attribute) {
    return read(constant_model(attribute)).error().message;
  };
  // The name and op_type stand before the attributes only in the usual order.
  CHECK(refusal(ProtoWriter().bytes(1, "v").varint(3, 1)) ==
        "node \"k\" (Constant): attribute \"v\": has the unknown type 0");
  CHECK(refusal(ProtoWriter().bytes(1, "v").varint(20, 4)) ==
        "node \"k\" (Constant): attribute \"v\": has no tensor");
  CHECK(refusal(ProtoWriter().bytes(1, "v").message(5, tensor_header("", 1, {3})).varint(20, 4)) ==
        "node \"k\" (Constant): attribute \"v\": has 0 bytes of data, float32[3] takes 12");
  CHECK(refusal(ProtoWriter().bytes(1, "v").bytes(21, "outer").varint(20, 2)) ==
        "node \"k\" (Constant): attribute \"v\" refers to a function's, but the node is in none");
}

TEST_CASE("unknown fields of every wire type are skipped at every level") {
  const auto unknown = [] {
    return ProtoWriter().varint(900, 5).fixed32(901, 6).fixed64(902, 7).bytes(903, "later").text();
  };
  const ProtoWriter attribute = int_attribute("group", 1).append(unknown());
  GraphParts parts;
  parts.nodes = {node("Conv", {"x", "w"}, {"y"}, "c", {attribute}).append(unknown())};
  parts.initializers = {float_tensor("w", {1}, {1}).append(unknown())};
  parts.inputs = {value_info("x", kFloatType, {1}).append(unknown())};
  parts.outputs = {value_info("y", kFloatType, {1})};
  const auto plain = read(model(parts));
  REQUIRE(plain.has_value());
  const auto extended = read(model(graph(parts).append(unknown())) + unknown(), 1);
  REQUIRE(extended.has_value());
  CHECK(to_text(*extended) == to_text(*plain));
}

TEST_CASE("a known field under another wire type is skipped, as in protobuf") {
  const auto graph = read(small_model() + ProtoWriter().fixed32(1, 99).varint(2, 5).text());
  REQUIRE(graph.has_value());
  CHECK(graph->ir_version == 8);
  CHECK(graph->producer == "writer 1.0");
}

TEST_CASE("the IR version and the opset must be known") {
  GraphParts parts;
  parts.nodes = {node("Relu", {"x"}, {"y"}, "r")};
  parts.inputs = {value_info("x", kFloatType, {1})};
  parts.outputs = {value_info("y", kFloatType, {1})};
  const auto refusal = [&](uint64_t ir_version, const ProtoWriter& opset) {
    const auto graph = read(ProtoWriter()
                                .varint(1, ir_version)
                                .message(7, test::graph(parts))
                                .append(opset.text())
                                .text());
    return graph ? "" : graph.error().message;
  };
  const auto imports = [](uint64_t version) {
    return ProtoWriter().message(8, opset_import("", version));
  };
  CHECK(refusal(3, imports(7)) == "");
  CHECK(refusal(14, imports(26)) == "");
  CHECK(refusal(2, imports(7)) == "the model's IR version is 2, wanted 3 to 14");
  CHECK(refusal(99, imports(7)) == "the model's IR version is 99, wanted 3 to 14");
  CHECK(refusal(8, imports(6)) == "the model's opset is 6, wanted 7 or newer");
  CHECK(refusal(8, ProtoWriter()) ==
        "node \"r\" (Relu): the model does not say which opset of ONNX it uses");
}

TEST_CASE("a reader that failed stays failed, with its first error") {
  onnx::Reader reader;
  const auto status = reader.feed(as_bytes("\x0f"));
  REQUIRE_FALSE(status.has_value());
  const std::string message = status.error().message;
  CHECK(reader.feed(as_bytes(small_model())).error().message == message);
  CHECK(reader.external_files().error().message == message);
  CHECK(reader.finish().error().message == message);
}

TEST_CASE("a cut model says where it ends") {
  const std::string bytes = small_model();
  const auto graph = read(bytes.substr(0, bytes.size() - 60));
  REQUIRE_FALSE(graph.has_value());
  CHECK(graph.error().message.ends_with("the model is cut after " +
                                        std::to_string(bytes.size() - 60) + " bytes"));
}

TEST_CASE("a model that is cut before a name says which part it is by its number") {
  const auto error_of = [](uint32_t field, const ProtoWriter& begun) {
    const ProtoWriter first = field == 1 ? node("Relu", {"x"}, {"y"}) : float_tensor("w", {1}, {1});
    const ProtoWriter graph = ProtoWriter().message(field, first).message(field, begun);
    const std::string bytes = ProtoWriter().varint(1, 8).message(7, graph).text();
    const auto read_graph = read(bytes.substr(0, bytes.size() - 1));
    return read_graph ? "" : read_graph.error().message;
  };
  CHECK(error_of(1, ProtoWriter().bytes(1, "y")).starts_with("node 1: the model is cut"));
  CHECK(error_of(1, ProtoWriter().bytes(4, "Abs").bytes(1, "y"))
            .starts_with("node 1 (Abs): the model is cut"));
  CHECK(error_of(5, ProtoWriter().bytes(9, "12")).starts_with("initializer 1: the model is cut"));
}

TEST_CASE("two graphs in one file are refused") {
  GraphParts parts;
  parts.nodes = {node("Relu", {"x"}, {"y"})};
  const auto graph = read(ProtoWriter().append(model(parts)).append(model(parts)).text());
  CHECK(graph.error().message == "the file holds two graphs");
}
