// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/convolution_graph.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "native/cuda/library_handles.h"
#include "tests/native/cuda/network_convolutions.h"
#include "tests/support/expect.h"

namespace synsight::test {

namespace {

using cuda::ConvActivation;
using cuda::ConvolutionGraph;
using cuda::ConvolutionSpec;

bool has_device() {
  int count = 0;
  return cudaGetDeviceCount(&count) == cudaSuccess && count > 0;
}

Shape counted_output(const ConvolutionSpec& spec) {
  Shape output = {spec.input[0], spec.weights[0]};
  for (size_t i = 0; i < 2; ++i) {
    output.push_back(count_outputs(spec.input[2 + i], spec.weights[2 + i], spec.params.window[i]));
  }
  return output;
}

/// cuDNN takes the description and infers Y's shape.
void check_described(const ConvolutionSpec& spec) {
  CAPTURE(to_string(spec));
  const auto graph = ConvolutionGraph::describe(spec);
  const std::string message = graph ? "" : graph.error().message;
  CAPTURE(message);
  REQUIRE(graph.has_value());
  CHECK(graph->output_shape().to_string() == counted_output(spec).to_string());
  CHECK(graph->workspace_bytes() == 0);
}

ErrorCode code_of(const ConvolutionSpec& spec) {
  const auto graph = ConvolutionGraph::describe(spec);
  REQUIRE(!graph.has_value());
  CHECK(graph.error().message.find('\n') == std::string::npos);
  return graph.error().code;
}

const ConvolutionSpec kSimple = make_convolution({2, 16, 9, 7}, {8, 16, 3, 3}, 1, 1);

}  // namespace

TEST_CASE("every convolution of five networks is described, and its output shape inferred") {
  const auto convolutions = network_convolutions();
  CHECK(convolutions.size() > 120);
  std::map<std::string, int> num_residuals;
  for (const NamedConvolution& convolution : convolutions) {
    if (convolution.spec.has_residual) ++num_residuals[convolution.network];
  }
  // Ways of four sizes and three shortcuts of stride 2; five stages of several blocks.
  CHECK(num_residuals["ResNet50"] == 7);
  CHECK(num_residuals["MobileNetV2"] == 5);
  for (const NamedConvolution& convolution : convolutions) {
    CAPTURE(convolution.network);
    for (const DType dtype : {DType::kFloat32, DType::kFloat16, DType::kBFloat16}) {
      ConvolutionSpec spec = convolution.spec;
      spec.dtype = dtype;
      spec.input[0] = dtype == DType::kFloat16 ? 64 : 1;
      check_described(spec);
    }
  }
}

TEST_CASE("unusual convolutions are described") {
  check_described(make_convolution({1, 3, 224, 224}, {64, 3, 7, 7}, 2, 3));
  check_described(make_convolution({1, 512, 1, 1}, {1000, 512, 1, 1}, 1, 0));
  check_described(make_convolution({1, 64, 33, 17}, {64, 64, 3, 3}, 1, 4, 4));
  check_described(make_convolution({1, 1, 1, 1}, {1, 1, 1, 1}, 7, 0));
  check_described(make_convolution({3, 5, 11, 6}, {7, 5, 11, 6}, 1, 0));

  ConvolutionSpec uneven = make_convolution({1, 32, 16, 9}, {16, 32, 1, 7}, 1, 0);
  uneven.params.window[0] = {0, 0, 1, 3, 1, 2, 0};
  uneven.params.window[1] = {0, 0, 1, 2, 2, 5, 8};
  check_described(uneven);

  ConvolutionSpec groups = make_convolution({1, 64, 14, 14}, {128, 2, 3, 3}, 2, 1);
  groups.params.group = 32;
  check_described(groups);
}

TEST_CASE("every epilogue is described") {
  for (const auto activation :
       {ConvActivation::kNone, ConvActivation::kRelu, ConvActivation::kClamp,
        ConvActivation::kSigmoid, ConvActivation::kSilu}) {
    for (int i = 0; i < 4; ++i) {
      ConvolutionSpec spec = kSimple;
      spec.dtype = DType::kFloat16;
      spec.activation = activation;
      spec.has_bias = i % 2 != 0;
      spec.has_residual = i / 2 != 0;
      check_described(spec);
    }
  }
}

TEST_CASE("sums of 8-bit integers are described") {
  for (const NamedConvolution& convolution : network_convolutions()) {
    ConvolutionSpec spec = convolution.spec;
    spec.dtype = DType::kInt8;
    spec.has_bias = spec.has_residual = false;
    spec.activation = ConvActivation::kNone;
    check_described(spec);
  }
}

TEST_CASE("a convolution that cannot be is an error") {
  ConvolutionSpec spec = kSimple;
  spec.dtype = DType::kInt32;
  CHECK(code_of(spec) == ErrorCode::kUnsupportedType);

  spec = kSimple;
  spec.dtype = DType::kInt8;  // whose sums are all that there is
  spec.has_bias = true;
  CHECK(code_of(spec) == ErrorCode::kUnsupportedOp);

  spec = kSimple;
  spec.weights[1] = 15;
  CHECK(code_of(spec) == ErrorCode::kShapeMismatch);

  spec = kSimple;
  spec.params.group = 3;
  CHECK(code_of(spec) == ErrorCode::kShapeMismatch);

  spec = kSimple;
  spec.params.window[0].dilation = 6;
  CHECK(code_of(spec) == ErrorCode::kShapeMismatch);

  spec = kSimple;
  spec.params.window[1].stride = 0;
  CHECK(code_of(spec) == ErrorCode::kShapeMismatch);

  spec = kSimple;
  spec.input[2] = 0;
  CHECK(code_of(spec) == ErrorCode::kShapeMismatch);

  spec = kSimple;
  spec.input = {int64_t{1} << 40, 16, int64_t{1} << 20, 7};
  CHECK(code_of(spec) == ErrorCode::kShapeMismatch);

  spec = kSimple;
  spec.input = {1, 16, 9};
  CHECK(code_of(spec) == ErrorCode::kShapeMismatch);

  // cuDNN's own limit.
  CHECK(code_of(make_convolution({1, 1 << 14, 9, 7}, {1 << 14, 1 << 14, 3, 3}, 1, 1)) ==
        ErrorCode::kUnsupportedOp);
}

TEST_CASE("what needs a plan says that there is none") {
  ConvolutionGraph graph = expect(ConvolutionGraph::describe(kSimple));
  CHECK(graph.save_plan().error().code == ErrorCode::kInvalidArgument);
  CHECK(graph.execute(nullptr, nullptr, {}).error().code == ErrorCode::kInvalidArgument);
  CHECK(graph.plan_name().empty());
}

TEST_CASE("without a device, handles and plans are one clear line each") {
  if (has_device()) {
    MESSAGE("skipped: there is a device");
    return;
  }
  ConvolutionGraph graph = expect(ConvolutionGraph::describe(kSimple));
  const auto cudnn = cuda::create_cudnn();
  const auto cublaslt = cuda::create_cublaslt();
  const Status prepared = graph.prepare(nullptr, {});
  const Status loaded = graph.load_plan(nullptr, {});
  REQUIRE(!cudnn);
  REQUIRE(!prepared);
  REQUIRE(!loaded);
  for (const Error& error : {cudnn.error(), prepared.error(), loaded.error()}) {
    MESSAGE(error.message);
    CHECK(error.code == ErrorCode::kDevice);
    CHECK(error.message.substr(0, 2) == "cu");
    CHECK(error.message.find('\n') == std::string::npos);
  }
  if (!cublaslt) MESSAGE(cublaslt.error().message);
}

TEST_CASE("convolutions that cuDNN computes slowly or not at all are told apart") {
  struct Row {
    const char* what;
    DType dtype;
    bool allow_tf32;
    int64_t channels;
    int64_t filters;
    int64_t group;
    bool has_uneven_pads;
    ConvActivation activation;
    bool is_suited;
  };
  constexpr auto kF32 = DType::kFloat32;
  constexpr auto kF16 = DType::kFloat16;
  constexpr auto kInt8 = DType::kInt8;
  constexpr auto kNone = ConvActivation::kNone;
  constexpr auto kRelu = ConvActivation::kRelu;
  const Row rows[] = {
      {"whole units of channels", kF16, false, 64, 24, 1, false, kRelu, true},
      {"an activation that is generated", kF16, false, 64, 24, 1, false, ConvActivation::kSilu,
       true},
      {"uneven pads, generated", kF16, false, 64, 24, 1, true, kRelu, true},
      {"a picture's channels", kF16, false, 3, 24, 1, false, kRelu, false},
      {"filters that are no whole unit", kF16, false, 64, 12, 1, false, kRelu, false},
      {"tf32 has smaller units", kF32, true, 4, 12, 1, false, kRelu, true},
      {"f32 has none", kF32, false, 3, 7, 1, false, kRelu, true},
      {"f32 has ready-made kernels only", kF32, false, 64, 64, 1, false, ConvActivation::kClamp,
       false},
      {"which want even pads", kF32, false, 64, 64, 1, true, kRelu, false},
      {"a filter a channel", kF16, false, 64, 64, 64, false, kNone, false},
      {"groups by themselves", kF16, false, 256, 256, 32, false, kNone, true},
      {"groups with something after them", kF16, false, 256, 256, 32, false, kRelu, false},
      {"int8 has smaller units", kInt8, false, 4, 12, 1, false, kNone, true},
      {"which are to be whole", kInt8, false, 3, 12, 1, false, kNone, false},
      {"and nothing after its sums", kInt8, false, 64, 64, 1, false, kRelu, false},
      {"or uneven pads", kInt8, false, 64, 64, 1, true, kNone, false},
      {"groups of int8", kInt8, false, 128, 128, 32, false, kNone, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    ConvolutionSpec spec = make_convolution({1, row.channels, 14, 14},
                                            {row.filters, row.channels / row.group, 3, 3}, 1, 1);
    spec.dtype = row.dtype;
    spec.allow_tf32 = row.allow_tf32;
    spec.params.group = row.group;
    spec.params.window[0].pad_begin = row.has_uneven_pads ? 0 : 1;
    spec.activation = row.activation;
    CHECK(is_suited(spec) == row.is_suited);
  }
}

TEST_CASE("a convolution is told in one line") {
  ConvolutionSpec spec = kSimple;
  spec.allow_tf32 = true;
  spec.has_bias = true;
  spec.has_residual = true;
  spec.activation = ConvActivation::kClamp;
  CHECK(to_string(spec) ==
        "float32 as tf32 [2,16,9,7] * [8,16,3,3], group 1, stride 1 dilation 1 pads 1 1, stride 1 "
        "dilation 1 pads 1 1, + Z, + B, Clip to 0..6");
}

}  // namespace synsight::test
