// SPDX-License-Identifier: Apache-2.0
#include "tests/core/onnx/model_writer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <variant>

#include "core/base/text.h"
#include "core/onnx/reader.h"

namespace synsight::test {

std::string raw_floats(const std::vector<float>& values) {
  std::string raw(values.size() * sizeof(float), '\0');
  if (!values.empty()) std::memcpy(raw.data(), values.data(), raw.size());
  return raw;
}

ProtoWriter tensor_header(std::string_view name, uint64_t data_type,
                          const std::vector<int64_t>& dims) {
  ProtoWriter tensor;
  if (!dims.empty()) tensor.packed(1, dims);
  return tensor.varint(2, data_type).bytes(8, name);
}

ProtoWriter float_tensor(std::string_view name, const std::vector<int64_t>& dims,
                         const std::vector<float>& values) {
  return tensor_header(name, kFloatType, dims).bytes(9, raw_floats(values));
}

ProtoWriter external_tensor(std::string_view name, const std::vector<int64_t>& dims,
                            std::string_view location, std::string_view offset,
                            std::string_view length) {
  ProtoWriter tensor = tensor_header(name, kFloatType, dims);
  tensor.message(13, ProtoWriter().bytes(1, "location").bytes(2, location));
  if (!offset.empty()) tensor.message(13, ProtoWriter().bytes(1, "offset").bytes(2, offset));
  if (!length.empty()) tensor.message(13, ProtoWriter().bytes(1, "length").bytes(2, length));
  return tensor.varint(14, 1);
}

ProtoWriter node(std::string_view op_type, const std::vector<std::string>& inputs,
                 const std::vector<std::string>& outputs, std::string_view name,
                 const std::vector<ProtoWriter>& attributes) {
  ProtoWriter node;
  for (const std::string& input : inputs) node.bytes(1, input);
  for (const std::string& output : outputs) node.bytes(2, output);
  if (!name.empty()) node.bytes(3, name);
  node.bytes(4, op_type);
  for (const ProtoWriter& attribute : attributes) node.message(5, attribute);
  return node;
}

ProtoWriter int_attribute(std::string_view name, int64_t value) {
  return ProtoWriter().bytes(1, name).varint(3, static_cast<uint64_t>(value)).varint(20, 2);
}

ProtoWriter value_info(std::string_view name, uint64_t data_type,
                       const std::vector<int64_t>& dims) {
  ProtoWriter shape;
  for (const int64_t dim : dims) {
    shape.message(1, dim < 0 ? ProtoWriter().bytes(2, "batch")
                             : ProtoWriter().varint(1, static_cast<uint64_t>(dim)));
  }
  const ProtoWriter tensor_type = ProtoWriter().varint(1, data_type).message(2, shape);
  return ProtoWriter().bytes(1, name).message(2, ProtoWriter().message(1, tensor_type));
}

ProtoWriter opset_import(std::string_view domain, uint64_t version) {
  return ProtoWriter().bytes(1, domain).varint(2, version);
}

ProtoWriter graph(const GraphParts& parts) {
  ProtoWriter graph;
  for (const ProtoWriter& node : parts.nodes) graph.message(1, node);
  graph.bytes(2, "net");
  for (const ProtoWriter& initializer : parts.initializers) graph.message(5, initializer);
  for (const ProtoWriter& input : parts.inputs) graph.message(11, input);
  for (const ProtoWriter& output : parts.outputs) graph.message(12, output);
  for (const ProtoWriter& value : parts.value_infos) graph.message(13, value);
  return graph;
}

std::string model(const ProtoWriter& graph) {
  return ProtoWriter().varint(1, 8).message(7, graph).message(8, opset_import("", 13)).text();
}

std::string model(const GraphParts& parts) { return model(graph(parts)); }

std::string small_model() {
  const ProtoWriter pads = ProtoWriter().bytes(1, "pads").packed(8, {1, 0, 1, 0}).varint(20, 7);
  GraphParts parts;
  parts.nodes = {node("Conv", {"x", "w", ""}, {"c"}, "conv1", {int_attribute("group", 1), pads}),
                 node("Relu", {"c"}, {"y"})};
  parts.initializers = {float_tensor("w", {1, 2, 1, 1}, {0.5f, -2})};
  parts.inputs = {value_info("x", kFloatType, {-1, 2, 3, 3})};
  parts.outputs = {value_info("y", kFloatType, {-1, 1, 5, 3})};
  parts.value_infos = {value_info("c", kFloatType, {-1, 1, 5, 3})};
  return ProtoWriter()
      .varint(1, 8)
      .bytes(2, "writer")
      .bytes(3, "1.0")
      .message(7, graph(parts))
      .message(8, opset_import("ai.onnx", 13))
      .message(14, ProtoWriter().bytes(1, "synsight.color").bytes(2, "RGB"))
      .text();
}

namespace {

std::string typed_data_model() {
  GraphParts parts;
  parts.nodes = {node("Gather", {"x", "i"}, {"y"}, "g", {int_attribute("axis", 0)})};
  parts.initializers = {
      tensor_header("i", kInt64Type, {2}).packed(7, {0, -1}),
      tensor_header("mask", kBoolType, {3}).bytes(9, std::string("\0\1\2", 3)),
      tensor_header("f", kFloatType, {2}).bytes(4, raw_floats({1, 2})),
      ProtoWriter().bytes(9, raw_floats({3})).append(tensor_header("late", 1, {1}).text())};
  parts.inputs = {value_info("x", kFloatType, {4})};
  parts.outputs = {value_info("y", kFloatType, {2})};
  return model(parts);
}

std::string function_model() {
  const ProtoWriter constant =
      ProtoWriter().bytes(1, "value").message(5, float_tensor("", {1}, {2})).varint(20, 4);
  const ProtoWriter function = ProtoWriter()
                                   .bytes(1, "F")
                                   .bytes(4, "a")
                                   .bytes(5, "b")
                                   .message(7, node("Constant", {}, {"k"}, "", {constant}))
                                   .message(7, node("Mul", {"a", "k"}, {"b"}))
                                   .message(9, opset_import("", 13))
                                   .bytes(10, "l");
  GraphParts parts;
  parts.nodes = {node("F", {"x"}, {"y"}).bytes(7, "l")};
  parts.inputs = {value_info("x", kFloatType, {1})};
  parts.outputs = {value_info("y", kFloatType, {1})};
  return model(parts) + ProtoWriter().message(25, function).text();
}

std::string external_model() {
  GraphParts parts;
  parts.nodes = {node("Add", {"a", "b"}, {"y"})};
  parts.initializers = {external_tensor("a", {2}, "w", "8", "8"), external_tensor("b", {2}, "w")};
  parts.outputs = {value_info("y", kFloatType, {2})};
  return model(parts);
}

}  // namespace

std::vector<std::string> sample_models() {
  return {small_model(), typed_data_model(), function_model(), external_model()};
}

Result<Graph> read(std::string_view bytes, size_t piece_size) {
  onnx::Reader reader;
  if (piece_size == 0) piece_size = std::max<size_t>(bytes.size(), 1);
  for (size_t begin = 0; begin < bytes.size(); begin += piece_size) {
    SYNSIGHT_TRY(reader.feed(as_bytes(bytes.substr(begin, piece_size))));
  }
  return reader.finish();
}

namespace {

std::string hex(const void* data, size_t size) {
  std::string text;
  for (const std::byte byte : std::span(static_cast<const std::byte*>(data), size)) {
    text += "0123456789abcdef"[std::to_integer<int>(byte >> 4)];
    text += "0123456789abcdef"[std::to_integer<int>(byte & std::byte{15})];
  }
  return text;
}

std::string to_text(const TensorView& tensor) {
  return concat({dtype_name(tensor.dtype), tensor.shape.to_string(), " ",
                 hex(tensor.data, tensor.size_bytes())});
}

struct ValueText {
  std::string operator()(int64_t value) const { return concat({value}); }
  std::string operator()(float value) const { return concat({static_cast<double>(value)}); }
  std::string operator()(const std::string& value) const { return concat({"\"", value, "\""}); }
  std::string operator()(const Tensor& value) const { return to_text(value.view()); }
  template <typename T>
  std::string operator()(const std::vector<T>& values) const {
    std::string text = "[";
    for (const T& value : values) text += (text.size() > 1 ? "," : "") + (*this)(value);
    return text + "]";
  }
};

std::string names(const Graph& graph, const std::vector<ValueId>& ids) {
  std::string text;
  for (const ValueId id : ids) text += " " + (id == kNoValue ? "-" : graph.value(id).name);
  return text;
}

}  // namespace

std::string to_text(const Graph& graph) {
  std::string text =
      concat({"graph ", graph.name, " ir ", graph.ir_version, " by ", graph.producer, "\n"});
  for (const auto& [key, value] : graph.metadata) text += concat({"meta ", key, "=", value, "\n"});
  for (const Value& value : graph.values) {
    text += concat({"value ", value.name, " ",
                    value.is_initializer ? to_text(value.initializer.view())
                                         : concat({dtype_name(value.dtype),
                                                   value.has_shape ? value.shape.to_string() : ""}),
                    "\n"});
  }
  text += concat({"in", names(graph, graph.inputs), "\nout", names(graph, graph.outputs), "\n"});
  for (const Node& node : graph.nodes) {
    text += concat({"node ", node.name, " ", node.domain, ".", node.op_type, "-", node.opset,
                    names(graph, node.inputs), " ->", names(graph, node.outputs)});
    for (const Attribute& attribute : node.attributes) {
      text += concat({" ", attribute.name, "=", std::visit(ValueText(), attribute.value)});
    }
    text += "\n";
  }
  return text;
}

}  // namespace synsight::test
