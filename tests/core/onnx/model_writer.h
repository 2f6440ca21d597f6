// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "tests/support/proto_writer.h"

namespace synsight::test {

// TensorProto.DataType.
inline constexpr uint64_t kFloatType = 1;
inline constexpr uint64_t kInt64Type = 7;
inline constexpr uint64_t kStringType = 8;
inline constexpr uint64_t kBoolType = 9;
inline constexpr uint64_t kFloat8Type = 17;

/// The elements' bytes, for raw_data.
std::string raw_floats(const std::vector<float>& values);

/// TensorProto: dims, data_type and name; no elements.
ProtoWriter tensor_header(std::string_view name, uint64_t data_type,
                          const std::vector<int64_t>& dims);
/// TensorProto of f32 in raw_data.
ProtoWriter float_tensor(std::string_view name, const std::vector<int64_t>& dims,
                         const std::vector<float>& values);
/// TensorProto of f32 in another file; an empty offset or length is left out.
ProtoWriter external_tensor(std::string_view name, const std::vector<int64_t>& dims,
                            std::string_view location, std::string_view offset = "",
                            std::string_view length = "");

ProtoWriter node(std::string_view op_type, const std::vector<std::string>& inputs,
                 const std::vector<std::string>& outputs, std::string_view name = "",
                 const std::vector<ProtoWriter>& attributes = {});
ProtoWriter int_attribute(std::string_view name, int64_t value);
ProtoWriter value_info(std::string_view name, uint64_t data_type, const std::vector<int64_t>& dims);
ProtoWriter opset_import(std::string_view domain, uint64_t version);

/// A GraphProto's parts.
struct GraphParts {
  std::vector<ProtoWriter> nodes;
  std::vector<ProtoWriter> initializers;
  std::vector<ProtoWriter> inputs;
  std::vector<ProtoWriter> outputs;
  std::vector<ProtoWriter> value_infos;
};
ProtoWriter graph(const GraphParts& parts);

/// ModelProto of IR version 8 and opset 13 round a graph.
std::string model(const ProtoWriter& graph);
std::string model(const GraphParts& parts);

/// y = Relu(Conv(x, w)): initializer, value_info, attributes, metadata.
std::string small_model();

/// Small models with what the reader knows: the one above, typed data of every order, a function,
/// external data in the file `w` (16 bytes).
std::vector<std::string> sample_models();

/// Feeds a model in pieces of `piece_size` bytes (0: whole) and finishes it.
Result<Graph> read(std::string_view bytes, size_t piece_size = 0);

/// All that a graph holds, one thing a line, to be compared.
std::string to_text(const Graph& graph);

}  // namespace synsight::test
