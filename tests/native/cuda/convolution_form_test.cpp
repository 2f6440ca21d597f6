// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/convolution_form.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "native/cuda/convolution_graph.h"
#include "native/cuda/residuals.h"
#include "tests/support/expect.h"
#include "tests/support/op_case.h"

namespace synsight::cuda {

namespace {

using test::expect;
using test::TestAttribute;

using enum ConvolutionWay;

constexpr ActivationRange kNone;
constexpr ActivationRange kRelu{0, std::numeric_limits<float>::infinity()};
constexpr ActivationRange kSix{0, 6};
constexpr ConvolutionStorage kF16{DType::kFloat16, true};
constexpr ConvolutionStorage kTf32{DType::kFloat32, true};
constexpr ConvolutionStorage kF32{DType::kFloat32, false};

struct Case {
  const char* what;
  Shape input;
  Shape weights;
  std::vector<TestAttribute> attributes;
  ActivationRange activation;
  ConvolutionStorage storage;
  const char* spec;  // as to_string tells it
  std::vector<ConvolutionWay> ways;
  bool has_residual = false;
};

Node make_node(const Case& test_case, bool has_bias) {
  Node node;
  node.name = "conv";
  node.op_type = "Conv";
  node.opset = 13;
  node.inputs = {0, 1};
  if (has_bias) node.inputs.push_back(2);
  if (test_case.has_residual) {
    node.inputs.resize(kResidualInput, kNoValue);
    node.inputs.push_back(4);
  }
  node.outputs = {3};
  node.activation = test_case.activation;
  for (const TestAttribute& attribute : test_case.attributes) {
    node.attributes.push_back(test::to_attribute(attribute));
  }
  return node;
}

const std::vector<TestAttribute> kSame = {{"pads", {1, 1, 1, 1}}};
const std::vector<TestAttribute> kUneven = {{"pads", {0, 0, 1, 1}}, {"strides", {2, 2}}};

std::vector<Case> all_cases() {
  return {
      {"whole units",
       {1, 64, 56, 56},
       {64, 64, 3, 3},
       kSame,
       kRelu,
       kF16,
       "float16 [1,64,56,56] * [64,64,3,3], group 1, stride 1 dilation 1 pads 1 1, stride 1 "
       "dilation 1 pads 1 1, + B, Relu",
       {kFused, kBare, kDirect}},
      {"a picture",
       {1, 3, 224, 224},
       {32, 3, 3, 3},
       kSame,
       kSix,
       kF16,
       "float16 [1,8,224,224] * [32,8,3,3], group 1, stride 1 dilation 1 pads 1 1, stride 1 "
       "dilation 1 pads 1 1, + B, Clip to 0..6",
       {kFused, kBare, kDirect}},
      {"a picture as tf32",
       {1, 3, 224, 224},
       {32, 3, 3, 3},
       kSame,
       kSix,
       kTf32,
       "float32 as tf32 [1,4,224,224] * [32,4,3,3], group 1, stride 1 dilation 1 pads 1 1, stride "
       "1 dilation 1 pads 1 1, + B, Clip to 0..6",
       {kFused, kBare, kDirect}},
      {"a picture with pads that differ",
       {1, 3, 224, 224},
       {32, 3, 3, 3},
       kUneven,
       kSix,
       kF16,
       "float16 [1,8,225,225] * [32,8,3,3], group 1, stride 2 dilation 1 pads 0 0, stride 2 "
       "dilation 1 pads 0 0, + B, Clip to 0..6",
       {kFused, kBare, kDirect}},
      {"pads that differ, for generated kernels",
       {1, 8, 56, 56},
       {32, 8, 3, 3},
       kUneven,
       kRelu,
       kF16,
       "float16 [1,8,56,56] * [32,8,3,3], group 1, stride 2 dilation 1 pads 0 1, stride 2 dilation "
       "1 pads 0 1, + B, Relu",
       {kFused, kBare, kDirect}},
      {"pads that differ, for ready-made kernels",
       {1, 3, 56, 56},
       {30, 3, 3, 3},
       kUneven,
       kRelu,
       kF32,
       "float32 [1,3,57,57] * [30,3,3,3], group 1, stride 2 dilation 1 pads 0 0, stride 2 dilation "
       "1 pads 0 0, + B, Relu",
       {kFused, kBare, kDirect}},
      {"a clamp that ready-made kernels lack",
       {1, 16, 56, 56},
       {30, 16, 3, 3},
       kSame,
       kSix,
       kF32,
       "float32 [1,16,56,56] * [30,16,3,3], group 1, stride 1 dilation 1 pads 1 1, stride 1 "
       "dilation 1 pads 1 1, + B, Clip to 0..6",
       {kBare, kDirect}},
      {"one pixel",
       {1, 64, 1, 1},
       {20, 64, 1, 1},
       {},
       kSix,
       kF16,
       "float16 [1,64,1,1] * [24,64,1,1], group 1, stride 1 dilation 1 pads 0 0, stride 1 dilation "
       "1 pads 0 0, + B, Clip to 0..6",
       {kProduct, kFused, kBare, kDirect}},
      {"many pixels by themselves",
       {8, 64, 56, 56},
       {256, 64, 1, 1},
       {},
       kRelu,
       kF16,
       "float16 [8,64,56,56] * [256,64,1,1], group 1, stride 1 dilation 1 pads 0 0, stride 1 "
       "dilation 1 pads 0 0, + B, Relu",
       {kProduct, kFused, kBare, kDirect}},
      {"many pixels that are clamped",
       {8, 64, 56, 56},
       {256, 64, 1, 1},
       {},
       kSix,
       kF16,
       "float16 [8,64,56,56] * [256,64,1,1], group 1, stride 1 dilation 1 pads 0 0, stride 1 "
       "dilation 1 pads 0 0, + B, Clip to 0..6",
       {kFused, kBare, kDirect}},
      {"every second pixel",
       {1, 64, 56, 56},
       {64, 64, 1, 1},
       {{"strides", {2, 2}}},
       kNone,
       kF16,
       "float16 [1,64,56,56] * [64,64,1,1], group 1, stride 2 dilation 1 pads 0 0, stride 2 "
       "dilation 1 pads 0 0, + B",
       {kFused, kBare, kDirect}},
      {"groups",
       {1, 64, 14, 14},
       {64, 16, 3, 3},
       {{"group", 4}, {"pads", {1, 1, 1, 1}}},
       kRelu,
       kF16,
       "float16 [1,64,14,14] * [64,16,3,3], group 4, stride 1 dilation 1 pads 1 1, stride 1 "
       "dilation 1 pads 1 1, + B, Relu",
       {kBare, kDirect}},
      {"narrow groups",
       {1, 64, 14, 14},
       {64, 4, 3, 3},
       {{"group", 16}},
       kRelu,
       kF16,
       "float16 [1,64,14,14] * [64,4,3,3], group 16, stride 1 dilation 1 pads 0 0, stride 1 "
       "dilation 1 pads 0 0, + B, Relu",
       {kDirect}},
      {"a residual",
       {1, 64, 56, 56},
       {64, 64, 3, 3},
       kSame,
       kRelu,
       kF16,
       "float16 [1,64,56,56] * [64,64,3,3], group 1, stride 1 dilation 1 pads 1 1, stride 1 "
       "dilation 1 pads 1 1, + Z, + B, Relu",
       {kFused, kBare, kDirect},
       true},
      {"a residual in f32",
       {1, 64, 56, 56},
       {64, 64, 3, 3},
       kSame,
       kRelu,
       kF32,
       "float32 [1,64,56,56] * [64,64,3,3], group 1, stride 1 dilation 1 pads 1 1, stride 1 "
       "dilation 1 pads 1 1, + Z, + B, Relu",
       {kFused, kBare, kDirect},
       true},
      {"a residual of pixels by themselves",
       {8, 96, 28, 28},
       {24, 96, 1, 1},
       {},
       kNone,
       kF16,
       "float16 [8,96,28,28] * [24,96,1,1], group 1, stride 1 dilation 1 pads 0 0, stride 1 "
       "dilation 1 pads 0 0, + Z, + B",
       {kProduct, kFused, kBare, kDirect},
       true},
      {"a residual of filters that are no whole unit",
       {1, 16, 28, 28},
       {20, 16, 3, 3},
       kSame,
       kNone,
       kF16,
       "float16 [1,16,28,28] * [24,16,3,3], group 1, stride 1 dilation 1 pads 1 1, stride 1 "
       "dilation 1 pads 1 1, + Z, + B",
       {kBare, kDirect},
       true},
      {"a residual of groups",
       {1, 64, 14, 14},
       {64, 16, 3, 3},
       {{"group", 4}, {"pads", {1, 1, 1, 1}}},
       kRelu,
       kF16,
       "float16 [1,64,14,14] * [64,16,3,3], group 4, stride 1 dilation 1 pads 1 1, stride 1 "
       "dilation 1 pads 1 1, + Z, + B, Relu",
       {kBare, kDirect},
       true},
  };
}

}  // namespace

TEST_CASE("a Conv is given to a library in whole units, and by the ways that it has") {
  for (const Case& test_case : all_cases()) {
    CAPTURE(test_case.what);
    const Node node = make_node(test_case, true);
    const ConvolutionForm form =
        expect(find_form(node, test_case.input, test_case.weights, test_case.storage));
    CHECK(to_string(form.spec) == test_case.spec);
    CHECK((form.ways == test_case.ways));
    const Shape& output = form.output;
    CHECK(output[1] == test_case.weights[0]);
    // What cuDNN is asked for has that output, and its zeros.
    ConvolutionSpec bare = form.spec;
    bare.has_bias = bare.has_residual = false;
    bare.activation = ConvActivation::kNone;
    for (const ConvolutionSpec& spec : {form.spec, bare}) {
      const auto graph = expect(ConvolutionGraph::describe(spec));
      const Shape padded{output[0], spec.weights[0], output[2], output[3]};
      CHECK(graph.output_shape().to_string() == padded.to_string());
    }
  }
}

TEST_CASE("a Conv without a bias asks for none") {
  const Case test_case = all_cases()[0];
  const ConvolutionForm form =
      expect(find_form(make_node(test_case, false), test_case.input, test_case.weights, kF16));
  CHECK(!form.spec.has_bias);
  CHECK(!form.has_padded_input);
  CHECK(!form.has_padded_filters());
}

TEST_CASE("where zeros are added, X is copied") {
  for (const Case& test_case : all_cases()) {
    CAPTURE(test_case.what);
    const ConvolutionForm form = expect(find_form(make_node(test_case, true), test_case.input,
                                                  test_case.weights, test_case.storage));
    CHECK(form.has_padded_input == (form.spec.input != test_case.input));
    CHECK(form.has_padded_filters() == (form.spec.weights[0] != test_case.weights[0]));
  }
}

TEST_CASE("a Conv that does not fit its input is an error") {
  const Case test_case = all_cases()[0];
  const auto form = find_form(make_node(test_case, true), {1, 63, 56, 56}, test_case.weights, kF16);
  REQUIRE(!form.has_value());
  CHECK(form.error().code == ErrorCode::kShapeMismatch);
}

}  // namespace synsight::cuda
