// SPDX-License-Identifier: Apache-2.0
// The operators' own cases feed them values that lie plain. Here each gets one that lies channels
// last, as convolutions leave it, by a Transpose that moves no byte.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/backend/reference/reference_backend.h"
#include "native/cuda/cuda_backend.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/run_graph.h"

namespace synsight {

namespace {

using test::counting_tensor;
using test::GraphBuilder;
using test::TestTensor;

/// Adds operators to a graph and gives its outputs. `image` is [2,8,3,6] and lies channels last,
/// `plain` the same shape.
using Build =
    std::function<std::vector<ValueId>(GraphBuilder& graph, ValueId image, ValueId plain)>;

struct Case {
  std::string description;
  Build build;
};

ValueId ints(GraphBuilder& graph, const std::string& name, const std::vector<double>& values) {
  return graph.initializer(name, {{static_cast<int64_t>(values.size())}, values, DType::kInt64});
}

Case binary_with(const Shape& shape) {
  return {"Add of " + shape.to_string(), [shape](GraphBuilder& graph, ValueId image, ValueId) {
            const ValueId b = graph.initializer("b", counting_tensor(shape, -1, 0.25));
            return std::vector{graph.node("Add", {image, b})};
          }};
}

Case concat_along(int axis) {
  return {"Concat along " + std::to_string(axis),
          [axis](GraphBuilder& graph, ValueId image, ValueId plain) {
            return std::vector{graph.node("Concat", {image, plain, image}, {{"axis", axis}})};
          }};
}

Case split_along(int axis, const std::vector<double>& sizes) {
  return {"Split along " + std::to_string(axis),
          [axis, sizes](GraphBuilder& graph, ValueId image, ValueId) {
            return graph.node_with_outputs("Split", {image, ints(graph, "split", sizes)}, 2,
                                           {{"axis", axis}});
          }};
}

Case pad_by(const char* mode, const std::vector<double>& pads) {
  return {std::string("Pad by ") + mode, [mode, pads](GraphBuilder& graph, ValueId image, ValueId) {
            const ValueId value = graph.initializer("value", {{}, {0.5}});
            return std::vector{
                graph.node("Pad", {image, ints(graph, "pads", pads), value}, {{"mode", mode}})};
          }};
}

Case transpose_by(const std::vector<int64_t>& perm) {
  return {"Transpose", [perm](GraphBuilder& graph, ValueId image, ValueId) {
            return std::vector{graph.node("Transpose", {image}, {{"perm", perm}})};
          }};
}

Case resize_to(const char* mode, const std::vector<double>& sizes) {
  return {
      std::string("Resize by ") + mode, [mode, sizes](GraphBuilder& graph, ValueId image, ValueId) {
        return std::vector{graph.node(
            "Resize", {image, kNoValue, kNoValue, ints(graph, "sizes", sizes)}, {{"mode", mode}})};
      }};
}

Case quantize_along(int axis, int64_t dim) {
  return {
      "QuantizeLinear and back along " + std::to_string(axis),
      [axis, dim](GraphBuilder& graph, ValueId image, ValueId) {
        const ValueId scale = graph.initializer("scale", counting_tensor({dim}, 0.25, 0.25));
        const ValueId zero = graph.initializer("zero", counting_tensor({dim}, -2, 1, DType::kInt8));
        const ValueId levels = graph.node("QuantizeLinear", {image, scale, zero}, {{"axis", axis}});
        return std::vector{levels,
                           graph.node("DequantizeLinear", {levels, scale, zero}, {{"axis", axis}})};
      }};
}

/// An operator of the image alone.
Case of_image(const std::string& op_type, const std::vector<test::TestAttribute>& attributes = {},
              const std::vector<double>& second_input = {}) {
  return {op_type, [=](GraphBuilder& graph, ValueId image, ValueId) {
            std::vector<ValueId> inputs = {image};
            if (!second_input.empty()) inputs.push_back(ints(graph, "second", second_input));
            return std::vector{graph.node(op_type, inputs, attributes)};
          }};
}

/// An operator of both images.
Case of_both(const std::string& op_type) {
  return {op_type + " of two layouts", [=](GraphBuilder& graph, ValueId image, ValueId plain) {
            return std::vector{graph.node(op_type, {image, plain}),
                               graph.node(op_type, {plain, image})};
          }};
}

std::vector<Case> all_cases() {
  return {
      of_image("Sigmoid"),
      of_image("Cast", {{"to", 7}}),
      of_image("IsNaN"),
      of_image("Reshape", {}, {2, 2, 4, 18}),
      of_image("Flatten", {{"axis", 2}}),
      of_image("Expand", {}, {2, 1, 3, 1}),
      of_image("Expand", {}, {4, 1, 1, 1, 1}),
      of_image("Tile", {}, {1, 2, 3, 1}),
      of_image("DepthToSpace", {{"blocksize", 2}}),
      of_image("DepthToSpace", {{"blocksize", 2}, {"mode", "CRD"}}),
      of_image("SpaceToDepth", {{"blocksize", 3}}),
      of_both("Add"),
      of_both("Sub"),
      of_both("Less"),
      of_both("Sum"),
      binary_with({}),
      binary_with({6}),
      binary_with({3, 1}),
      binary_with({8, 1, 1}),
      binary_with({8, 3, 6}),
      binary_with({1, 8, 1, 1}),
      binary_with({2, 1, 1, 1}),
      binary_with({2, 8, 1, 1}),
      binary_with({2, 8, 3, 6}),
      binary_with({5, 1, 1, 1, 1}),
      concat_along(0),
      concat_along(1),
      concat_along(2),
      concat_along(-1),
      split_along(0, {1, 1}),
      split_along(1, {5, 3}),
      split_along(3, {2, 4}),
      pad_by("constant", {0, 0, 1, 2, 0, 0, 3, 1}),
      pad_by("constant", {0, 1, 0, -2, 1, 3, 0, 0}),
      pad_by("reflect", {0, 0, 2, 1, 0, 0, 1, 5}),
      pad_by("edge", {0, 1, 0, 2, 0, 2, 1, 0}),
      transpose_by({0, 2, 3, 1}),
      transpose_by({0, 3, 1, 2}),
      transpose_by({3, 2, 1, 0}),
      transpose_by({1, 0, 2, 3}),
      resize_to("nearest", {2, 8, 5, 3}),
      resize_to("linear", {2, 4, 7, 12}),
      resize_to("cubic", {3, 8, 3, 4}),
      resize_to("linear", {2, 8, 3, 6}),
      quantize_along(1, 8),
      quantize_along(3, 6),
      {"Slice backwards",
       [](GraphBuilder& graph, ValueId image, ValueId) {
         return std::vector{graph.node(
             "Slice", {image, ints(graph, "starts", {7, -1}), ints(graph, "ends", {1, -6}),
                       ints(graph, "axes", {1, 3}), ints(graph, "steps", {-2, -1})})};
       }},
      {"Gather of channels",
       [](GraphBuilder& graph, ValueId image, ValueId) {
         return std::vector{
             graph.node("Gather", {image, ints(graph, "indices", {7, 0, -2})}, {{"axis", 1}})};
       }},
      {"Where of both",
       [](GraphBuilder& graph, ValueId image, ValueId plain) {
         const ValueId condition = graph.node("Greater", {image, plain});
         const ValueId other = graph.initializer("other", counting_tensor({8, 1, 1}));
         return std::vector{graph.node("Where", {condition, image, other})};
       }},
      {"Mean of three",
       [](GraphBuilder& graph, ValueId image, ValueId plain) {
         const ValueId third = graph.initializer("third", counting_tensor({8, 1, 1}));
         return std::vector{graph.node("Mean", {image, plain, third})};
       }},
      {"a sigmoid's product",
       [](GraphBuilder& graph, ValueId image, ValueId) {
         return std::vector{graph.node("Mul", {image, graph.node("Sigmoid", {image})})};
       }},
  };
}

Graph build(const Case& test_case) {
  GraphBuilder graph;
  const ValueId fed = graph.input("fed", {2, 3, 6, 8});
  const ValueId plain = graph.input("plain", {2, 8, 3, 6});
  const ValueId image =
      graph.node("Transpose", {fed}, {{"perm", std::vector<int64_t>{0, 3, 1, 2}}});
  // A value that is stored as the backend stores it.
  return graph.finish(test_case.build(graph, graph.node("Neg", {image}), plain));
}

std::vector<Tensor> run(const Backend& backend, Graph graph, const std::vector<Tensor>& inputs,
                        Precision precision) {
  CompileOptions options;
  options.precision = precision;
  const auto executable = test::expect(backend.compile(std::move(graph), options));
  const TensorView views[] = {inputs[0].view(), inputs[1].view()};
  return test::expect(test::run_once(*executable, views));
}

}  // namespace

TEST_CASE("kernels take values that lie channels last") {
  std::vector<Tensor> inputs;
  for (const Shape& shape : {Shape{2, 3, 6, 8}, Shape{2, 8, 3, 6}}) {
    TestTensor tensor = test::random_tensor(shape, 1 + static_cast<uint32_t>(inputs.size()), -4, 4);
    for (double& value : tensor.values) value = std::round(value * 32) / 32;  // f16 holds them
    inputs.push_back(to_tensor(tensor));
  }
  for (const Case& test_case : all_cases()) {
    CAPTURE(test_case.description);
    const auto wanted = run(ReferenceBackend(), build(test_case), inputs, Precision::kFloat32);
    for (const bool is_half : {false, true}) {
      const auto found = run(CudaBackend(), build(test_case), inputs,
                             is_half ? Precision::kFloat16 : Precision::kFloat32);
      for (size_t i = 0; i < wanted.size(); ++i) {
        const bool is_float = wanted[i].dtype() == DType::kFloat32;
        const double magnitude = test::max_magnitude(test::to_doubles(wanted[i].view()));
        const double allowed =
            is_float ? test::tolerance(2, is_half ? DType::kFloat16 : DType::kFloat32, magnitude)
                     : 0;
        CHECK(test::mismatch(found[i].view(), wanted[i].view(), allowed) == "");
      }
    }
  }
}

}  // namespace synsight
