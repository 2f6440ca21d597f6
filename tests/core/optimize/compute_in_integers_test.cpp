// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "core/backend/reference/reference_backend.h"
#include "core/optimize/optimize.h"
#include "tests/core/optimize/pass_check.h"
#include "tests/core/optimize/quantized_layer.h"
#include "tests/support/backends.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

namespace {

constexpr double kOddYScale = 0.0137F;  // with no ties

QuantizedCase gemm(QuantizedCase c) {
  c.op_type = "Gemm";
  c.x = {5, 12};
  c.weight = c.is_transposed ? Shape{7, 12} : Shape{12, 7};
  c.axis = c.is_transposed ? 0 : 1;
  if (c.wanted == "Conv Mul ") c.wanted = "Gemm Mul ";
  return c;
}

const QuantizedCase kIntegerCases[] = {
    {.description = "a Conv of uint8"},
    {.description = "a scale a channel", .has_scale_a_channel = true},
    {.description = "int8", .x_dtype = DType::kInt8, .y_dtype = DType::kInt8},
    {.description = "opset 10", .opset = 10},
    {.description = "opset 21", .opset = 21},
    {.description = "no zero points", .has_zero_points = false},
    {.description = "strides and pads", .stride = 2, .pad = 1},
    {.description = "groups", .weight = {6, 2, 3, 3}, .group = 2, .has_scale_a_channel = true},
    {.description = "a filter a channel", .weight = {4, 1, 3, 3}, .group = 4, .pad = 2},
    {.description = "1x1", .weight = {6, 4, 1, 1}},
    {.description = "as large as Winograd's",
     .x = {1, 32, 32, 32},
     .weight = {32, 32, 3, 3},
     .pad = 1},
    {.description = "weights of uint8", .weight_dtype = DType::kUInt8, .weight_zero = 130},
    {.description = "weights with zero points",
     .has_scale_a_channel = true,
     .weight_dtype = DType::kInt8,
     .weight_zero = -7},
    {.description = "no bias", .bias = Bias::kNone},
    {.description = "a bias of floats", .bias = Bias::kFloats},
    {.description = "a bias of floats, a scale a channel",
     .has_scale_a_channel = true,
     .bias = Bias::kFloats},
    {.description = "Relu", .clamp = "Relu", .clamps_fully = true},
    {.description = "Relu in int8",
     .x_dtype = DType::kInt8,
     .y_dtype = DType::kInt8,
     .clamp = "Relu",
     .clamps_fully = true},
    {.description = "Clip", .clamp = "Clip", .bounds = {0, 6}, .clamps_fully = true},
    {.description = "an input that others read", .reads_x_twice = true},
    {.description = "an output that others read", .reads_y_twice = true},
    gemm({.description = "Gemm"}),
    gemm({.description = "Gemm, transB", .is_transposed = true}),
    gemm({.description = "Gemm, a scale a channel", .has_scale_a_channel = true}),
    gemm({.description = "Gemm, transB, a scale a channel",
          .is_transposed = true,
          .has_scale_a_channel = true}),
    gemm({.description = "Gemm in int8 that others read",
          .x_dtype = DType::kInt8,
          .y_dtype = DType::kInt8,
          .reads_x_twice = true,
          .reads_y_twice = true}),
    gemm({.description = "Gemm in int8 without zero points",
          .x_dtype = DType::kInt8,
          .y_dtype = DType::kInt8,
          .has_zero_points = false,
          .opset = 21,
          .output_dtype = 3}),
    {.description = "MatMul",
     .op_type = "MatMul",
     .x = {5, 12},
     .weight = {12, 7},
     .axis = 1,
     .has_scale_a_channel = true,
     .bias = Bias::kNone,
     .wanted = "MatMul Mul "},
};

const QuantizedCase kFloatCases[] = {
    {.description = "int8 that others read",
     .x_dtype = DType::kInt8,
     .y_dtype = DType::kInt8,
     .reads_x_twice = true,
     .wanted = "Conv Add "},
    {.description = "int8 whose result others read",
     .has_scale_a_channel = true,
     .x_dtype = DType::kInt8,
     .y_dtype = DType::kInt8,
     .reads_y_twice = true,
     .wanted = "Conv Add "},
    {.description = "int8 that is dequantised twice",
     .x_dtype = DType::kInt8,
     .y_dtype = DType::kInt8,
     .dequantizes_x_twice = true,
     .wanted = "Conv Add "},
    {.description = "a bias of floats before a Relu",
     .x_dtype = DType::kInt8,
     .y_dtype = DType::kInt8,
     .bias = Bias::kFloats,
     .clamp = "Relu",
     .clamps_fully = true,
     .reads_x_twice = true,
     .wanted = "Conv Add Relu "},
    {.description = "without bias",
     .x_dtype = DType::kInt8,
     .y_dtype = DType::kInt8,
     .bias = Bias::kNone,
     .reads_x_twice = true,
     .wanted = "Conv "},
    {.description = "a Relu that cuts", .clamp = "Relu", .wanted = "Conv Add Relu "},
    {.description = "a Clip that cuts",
     .clamp = "Clip",
     .bounds = {0, 1},
     .clamps_fully = true,
     .wanted = "Conv Add Clip "},
    {.description = "a Clip that cuts below",
     .clamp = "Clip",
     .bounds = {0.1, 6},
     .clamps_fully = true,
     .wanted = "Conv Add Clip "},
    {.description = "a bias of another scale", .bias = Bias::kOtherScale, .wanted = "Conv "},
    {.description = "a bias with a zero point", .bias = Bias::kOtherZero, .wanted = "Conv "},
    {.description = "a scale an input channel",
     .weight = {4, 4, 3, 3},
     .has_scale_a_channel = true,
     .scale_axis = 1,
     .wanted = "Conv "},
    {.description = "a bias of floats, a scale of zero",
     .has_scale_a_channel = true,
     .bias = Bias::kFloats,
     .odd_scale = 0.0F,
     .wanted = "Conv "},
    {.description = "a bias of floats, a scale of which it is too many",
     .has_scale_a_channel = true,
     .y_dtype = DType::kUInt16,
     .bias = Bias::kFloats,
     .opset = 21,
     .odd_scale = 1e-38F,
     .wanted = "Conv "},
    {.description = "a scale of zero",
     .has_scale_a_channel = true,
     .odd_scale = 0.0F,
     .wanted = "Conv "},
    {.description = "weights that others read", .reads_weight_twice = true, .wanted = "Conv "},
    {.description = "a layer that is returned", .returns_layer = true, .wanted = "Conv "},
    {.description = "an output of 16 bits",
     .y_dtype = DType::kUInt16,
     .opset = 21,
     .wanted = "Conv Add "},
    {.description = "weights of 16 bits",
     .weight_dtype = DType::kInt16,
     .opset = 21,
     .wanted = "Conv "},
    {.description = "scales of no use", .y_scale = 1e-25, .wanted = "Conv "},
    gemm({.description = "Gemm in int8 without zero points before a Relu",
          .x_dtype = DType::kInt8,
          .y_dtype = DType::kInt8,
          .has_zero_points = false,
          .clamp = "Relu",
          .opset = 21,
          .output_dtype = 3,
          .wanted = "Gemm Relu "}),
    {.description = "Conv in int8 without zero points",
     .x_dtype = DType::kInt8,
     .y_dtype = DType::kInt8,
     .has_zero_points = false,
     .opset = 21,
     .output_dtype = 3,
     .wanted = "Conv Add "},
    {.description = "Gemm of a transposed input",
     .op_type = "Gemm",
     .x = {12, 5},
     .weight = {12, 7},
     .attributes = {{"transA", 1}},
     .axis = 1,
     .wanted = "Gemm "},
    gemm({.description = "Gemm of int8 and uint8 weights",
          .weight_dtype = DType::kUInt8,
          .weight_zero = 128,
          .x_dtype = DType::kInt8,
          .y_dtype = DType::kInt8,
          .reads_x_twice = true,
          .reads_y_twice = true,
          .wanted = "Gemm "}),
    gemm({.description = "Gemm with a factor", .attributes = {{"alpha", 0.5}}, .wanted = "Gemm "}),
    gemm({.description = "Gemm with a factor of the bias",
          .attributes = {{"beta", 0.5}},
          .wanted = "Gemm "}),
};

/// The layer and what is between it and the last QuantizeLinear.
std::string between(const std::string& types) {
  const size_t begin = std::min({types.find("Conv"), types.find("Gemm"), types.find("MatMul")});
  const auto end = types.rfind("QuantizeLinear");
  return begin == std::string::npos ? types : types.substr(begin, end - begin);
}

}  // namespace

TEST_CASE("quantised layers are the sums of integers on every backend") {
  for (const QuantizedCase& c : kIntegerCases) {
    CAPTURE(c.description);
    const TestTensor x = random_tensor(c.x, 5, -3, 3);
    const TestTensor y = wanted_output(c, x);
    const Tensor input = to_tensor(x);
    const TensorView views[] = {input.view()};
    for (const Backend* backend : all_backends()) {
      CAPTURE(backend->name());
      Graph graph = graph_of(c);
      expect(optimize::optimize(graph));
      CHECK(node_named(graph, "layer").op_type == c.op_type);
      const auto outputs = expect(run_graph(*backend, std::move(graph), views));
      CHECK(mismatch(outputs[0].view(), y, 0) == "");
      if (!c.reads_x_twice) continue;
      TestTensor other = counted_input(c, x);
      for (double& value : other.values) {
        value = -static_cast<double>(static_cast<float>(value) * static_cast<float>(kXScale));
      }
      CHECK(mismatch(outputs[1].view(), other, 0) == "");
    }
    Graph graph = graph_of(c);
    expect(optimize::optimize(graph));
    CHECK(between(op_types(graph)) == c.wanted);
  }
}

TEST_CASE("other quantised layers answer as before; Convs that stay floats add their bias last") {
  for (QuantizedCase c : kFloatCases) {
    CAPTURE(c.description);
    if (c.y_scale == kYScale) c.y_scale = kOddYScale;
    const Tensor input = to_tensor(random_tensor(c.x, 5, -3, 3));
    const TensorView views[] = {input.view()};
    Graph graph = graph_of(c);
    expect(optimize::compute_in_integers(graph));
    CHECK(between(op_types(graph)) == c.wanted);
    const auto found = expect(run_graph(ReferenceBackend(), std::move(graph), views));
    // Floats that are rounded to integers are those.
    if (c.bias == Bias::kFloats && !c.odd_scale) c.bias = Bias::kIntegers;
    const auto same = expect(run_graph(ReferenceBackend(), graph_of(c), views));
    CHECK(mismatch(found[0].view(), same[0].view(), 0) == "");
  }
}

TEST_CASE("a quantised AveragePool adds the zero point of uint8 before it rounds") {
  constexpr float kScale = 0.1F;
  struct Case {
    DType dtype;
    double zero;
  };
  for (const Case c : {Case{DType::kUInt8, 113},
                       {DType::kUInt8, 114},
                       {DType::kUInt8, 0},
                       {DType::kInt8, -15},
                       {DType::kInt8, -128}}) {
    CAPTURE(c.zero);
    const double lowest = c.dtype == DType::kInt8 ? -128 : 0;
    const TestTensor x = random_tensor({1, 3, 8, 8}, 5, lowest, lowest + 256, c.dtype);
    TestTensor y{{1, 3, 4, 4}, {}};
    for (size_t i = 0; i < 48; ++i) {
      const size_t at = i / 4 * 16 + i % 4 * 2;
      float sum = 0;
      for (const size_t tap : {at, at + 1, at + 8, at + 9}) {
        sum += static_cast<float>(x.values[tap] - c.zero) * kScale;
      }
      const float shifted = sum / 4 / kScale + static_cast<float>(c.zero - lowest);
      const auto steps = static_cast<float>(std::nearbyint(shifted) - (c.zero - lowest));
      y.values.push_back(static_cast<double>(steps * kScale));
    }
    for (const Backend* backend : all_backends()) {
      CAPTURE(backend->name());
      GraphBuilder b;
      const ValueId scale = b.initializer("scale", {{}, {kScale}});
      const ValueId zero = b.initializer("zero", {{}, {c.zero}, c.dtype});
      const ValueId in = b.input("x", {1, 3, 8, 8});
      // The input is exact: multiples of the scale.
      const ValueId x_q = b.node("QuantizeLinear", {in, scale, zero});
      const ValueId pool = b.node(
          "AveragePool", {b.node("DequantizeLinear", {x_q, scale, zero})},
          {{"kernel_shape", std::vector<int64_t>{2, 2}}, {"strides", std::vector<int64_t>{2, 2}}});
      const ValueId y_q = b.node("QuantizeLinear", {pool, scale, zero});
      Graph graph = b.finish({b.node("DequantizeLinear", {y_q, scale, zero})});
      TestTensor multiples{x.shape, {}};
      for (const double value : x.values) multiples.values.push_back((value - c.zero) * kScale);
      const Tensor input = to_tensor(multiples);
      const TensorView views[] = {input.view()};
      expect(optimize::optimize(graph));
      const auto outputs = expect(run_graph(*backend, std::move(graph), views));
      CHECK(mismatch(outputs[0].view(), y, 0) == "");
    }
  }
}

TEST_CASE("a layer that clamps is none of integers") {
  for (const char* name : {"layer", "y_q"}) {
    Graph graph = graph_of({});
    for (Node& node : graph.nodes) {
      if (node.name == name) node.activation = {0, 1};
    }
    expect(optimize::compute_in_integers(graph));
    CHECK(between(op_types(graph)) == "Conv ");
  }
}

}  // namespace synsight::test
