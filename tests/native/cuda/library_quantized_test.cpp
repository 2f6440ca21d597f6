// SPDX-License-Identifier: Apache-2.0
// Quantised layers with loops in the libraries' place: which form they get, and what is done before
// and after.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/optimize/optimize.h"
#include "native/cuda/cuda_backend.h"
#include "tests/core/optimize/quantized_layer.h"
#include "tests/native/cuda/standin/standin.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

namespace {

/// Layers that cuDNN sums where it has plans.
std::vector<QuantizedCase> library_cases() {
  std::vector<QuantizedCase> cases = {
      {.description = "whole units", .weight = {8, 4, 3, 3}},
      {.description = "filters that are no whole unit", .weight = {6, 4, 3, 3}},
      {.description = "a picture's channels", .x = {2, 3, 9, 8}, .weight = {8, 3, 3, 3}},
      {.description = "pads", .weight = {8, 4, 3, 3}, .pad = 1, .pad_end = 1},
      {.description = "pads that differ", .weight = {8, 4, 3, 3}, .stride = 2, .pad = 1},
      {.description = "groups of whole units", .x = {2, 8, 6, 7}, .group = 2},
      {.description = "dilations and pads that differ",
       .weight = {8, 4, 3, 3},
       .dilation = 2,
       .pad = 2,
       .pad_end = 1},
      {.description = "no zero points", .pad = 1, .has_zero_points = false},
      {.description = "no bias", .has_scale_a_channel = true, .bias = Bias::kNone},
  };
  for (size_t i = 0, count = cases.size(); i < count; ++i) {
    QuantizedCase& c = cases[i];
    if (c.group == 2) c.weight = {8, 4, 3, 3};
    if (!c.has_zero_points) continue;
    cases.push_back(c);
    cases.back().description = "int8, " + cases[i].description;
    cases.back().x_dtype = cases.back().y_dtype = DType::kInt8;
  }
  // What cuDNN pads with is the zero point.
  cases.push_back({.description = "int8 and pads, a zero point of 0",
                   .weight = {8, 4, 3, 3},
                   .pad = 1,
                   .pad_end = 1,
                   .x_dtype = DType::kInt8,
                   .y_dtype = DType::kInt8,
                   .x_zero = 0});
  return cases;
}

void check(const QuantizedCase& c, const std::string& kernel) {
  CAPTURE(c.description);
  const TestTensor x = random_tensor(c.x, 1, -13, 13);
  const Tensor input = to_tensor(x);
  const TensorView view = input.view();
  for (const bool is_tuned : {false, true}) {
    Graph graph = graph_of(c);
    expect(optimize::optimize(graph));
    CompileOptions options;
    options.precision = Precision::kFloat16;
    options.is_tuned = is_tuned;
    const auto executable = expect(CudaBackend().compile(std::move(graph), options));
    const std::vector<Tensor> found = expect(run_once(*executable, {&view, 1}));
    CHECK(mismatch(found[0].view(), wanted_output(c, x), 0) == "");
    for (const NodePlan& plan : executable->plan()) {
      if (plan.node->name == "layer") CHECK(plan.kernel == kernel);
    }
  }
}

}  // namespace

TEST_CASE("cuDNN sums 8-bit integers, and what comes of the sums is our own") {
  for (const QuantizedCase& c : library_cases()) check(c, "8-bit cudnn convolution");
}

TEST_CASE("what floats sum elsewhere, a library sums as 8-bit integers") {
  QuantizedCase c = {.description = "read twice, and pads",
                     .weight = {8, 4, 3, 3},
                     .pad = 1,
                     .has_scale_a_channel = true,
                     .x_dtype = DType::kInt8,
                     .y_dtype = DType::kInt8,
                     .y_scale = 0.01371F,  // with no ties
                     .reads_x_twice = true};
  check(c, "8-bit cudnn convolution");
  c = {.description = "a Clip that cuts",
       .weight = {7, 4, 1, 1},
       .clamp = "Clip",
       .bounds = {-0.4, 1},
       .y_scale = 0.01371F};
  check(c, "8-bit cublaslt product");
}

TEST_CASE("cuBLASLt sums 8-bit integers where each output pixel is a product of one input pixel") {
  for (const DType dtype : {DType::kUInt8, DType::kInt8}) {
    for (const Shape& weights : {Shape{12, 16, 1, 1}, {7, 16, 1, 1}, {12, 13, 1, 1}}) {
      const QuantizedCase c = {.description = "1x1",
                               .x = {2, weights[1], 5, 3},
                               .weight = weights,
                               .x_dtype = dtype,
                               .y_dtype = dtype};
      check(c, "8-bit cublaslt product");
      cuda::standin_libraries().has_products = false;
      check(c, "8-bit cudnn convolution");
      cuda::standin_libraries().has_bare = false;
      check(c, "8-bit direct convolution");
      cuda::standin_libraries() = {};
    }
  }
  check({.description = "1x1 with strides", .weight = {8, 4, 1, 1}, .stride = 2},
        "8-bit cudnn convolution");
}

TEST_CASE("8-bit integers that cuDNN has no plan for are summed by our own") {
  cuda::standin_libraries().has_bare = false;
  for (const QuantizedCase& c : library_cases()) check(c, "8-bit direct convolution");
  cuda::standin_libraries().has_bare = true;
}

TEST_CASE("8-bit integers that are no work for cuDNN are left to our own") {
  check({.description = "a filter a channel", .weight = {4, 1, 3, 3}, .group = 4, .pad = 2},
        "8-bit depthwise convolution");
  check({.description = "small groups", .weight = {6, 2, 3, 3}, .group = 2},
        "8-bit direct convolution");
}

}  // namespace synsight::test
