// SPDX-License-Identifier: Apache-2.0
// What a file or a caller may feed while a device runs, when nobody could be told of it: every
// answer is defined, and the sanitizers see that nothing else is read or written.
#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/backend/reference/reference_backend.h"
#include "native/cuda/cuda_backend.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

namespace {

constexpr DType kLong = DType::kInt64;
constexpr double kFar = 0x1p63 - 1024;  // the largest double that int64 holds

struct HostileCase {
  std::string description;
  std::string op_type;
  std::vector<TestAttribute> attributes;
  std::vector<TestTensor> inputs;  // all fed
  TestTensor output;
};

const std::vector<HostileCase> kCases = {
    {"indices outside",
     "Gather",
     {{"axis", 1}},
     {{{1, 3}, {1, 2, 3}}, {{6}, {3, -4, kFar, -0x1p63, -1, 0}, kLong}},
     {{1, 6}, {0, 0, 0, 0, 3, 1}}},
    {"an axis without elements", "Gather", {}, {{{0, 2}, {}}, {{1}, {0}, kLong}}, {{1, 2}, {0, 0}}},
    {"indices outside",
     "GatherElements",
     {{"axis", 1}},
     {{{2, 2}, {1, 2, 3, 4}}, {{2, 3}, {2, 1, -3, -0x1p63, kFar, -2}, kLong}},
     {{2, 3}, {0, 2, 0, 0, 0, 3}}},
    {"tuples outside",
     "GatherND",
     {},
     {{{2, 2}, {1, 2, 3, 4}}, {{4, 2}, {1, 2, -3, 0, 1, -2, kFar, kFar}, kLong}},
     {{4}, {0, 0, 3, 0}}},
    {"slices outside, in batches",
     "GatherND",
     {{"batch_dims", 1}},
     {{{2, 2}, {1, 2, 3, 4}}, {{2, 1}, {-0x1p63, -1}, kLong}},
     {{2}, {0, 4}}},
    {"tuples outside",
     "ScatterND",
     {},
     {{{2, 2}, {1, 2, 3, 4}},
      {{5, 2}, {2, 0, 0, -3, 0, 1, kFar, 0, -0x1p63, kFar}, kLong},
      {{5}, {5, 6, 7, 8, 9}}},
     {{2, 2}, {1, 7, 3, 4}}},
    {"all tuples outside, which are added",
     "ScatterND",
     {{"reduction", "add"}},
     {{{2, 2}, {1, 2, 3, 4}}, {{2, 1}, {2, -3}, kLong}, {{2, 2}, {5, 6, 7, 8}}},
     {{2, 2}, {1, 2, 3, 4}}},
    {"tuples that are the same",
     "ScatterND",
     {{"reduction", "add"}},
     {{{2}, {1, 2}}, {{3, 1}, {1, -1, 1}, kLong}, {{3}, {3, 4, 5}}},
     {{2}, {1, 14}}},
    {"division by zero",
     "Div",
     {},
     {{{3}, {7, -0x1p63, -0x1p63}, kLong}, {{3}, {0, 0, -1}, kLong}},
     {{3}, {0, 0, -0x1p63}, kLong}},
    {"remainder by zero",
     "Mod",
     {},
     {{{2}, {7, -0x1p31}, DType::kInt32}, {{2}, {0, -1}, DType::kInt32}},
     {{2}, {0, 0}, DType::kInt32}},
    {"sums of nothing", "Einsum", {{"equation", "ij->i"}}, {{{2, 0}, {}}}, {{2}, {0, 0}}},
    {"the top of nothing that is comparable",
     "TopK",
     {{"k", 2}},
     {{{3}, std::vector<double>(3, std::numeric_limits<double>::quiet_NaN())}},
     {{2}, std::vector<double>(2, std::numeric_limits<double>::quiet_NaN())}},
};

Graph build(const HostileCase& hostile) {
  GraphBuilder builder(hostile.op_type == "TopK" ? 9 : 18);
  std::vector<ValueId> inputs;
  for (size_t i = 0; i < hostile.inputs.size(); ++i) {
    const TestTensor& input = hostile.inputs[i];
    inputs.push_back(builder.input("input" + std::to_string(i), input.shape, input.dtype));
  }
  return builder.finish({builder.node(hostile.op_type, inputs, hostile.attributes)});
}

/// Doubles the rows and columns of a picture, by `mode`.
Graph doubled(const char* mode) {
  GraphBuilder builder;
  const ValueId x = builder.input("x", {1, 1, -1, -1});
  const ValueId scales = builder.initializer("scales", {{4}, {1, 1, 2, 2}});
  return builder.finish({builder.node("Resize", {x, kNoValue, scales}, {{"mode", mode}})});
}

}  // namespace

TEST_CASE("what is fed leads to a defined answer, whatever it is") {
  for (const HostileCase& hostile : kCases) {
    CAPTURE(hostile.op_type);
    CAPTURE(hostile.description);
    std::vector<Tensor> inputs;
    std::vector<TensorView> views;
    for (const TestTensor& input : hostile.inputs) inputs.push_back(to_tensor(input));
    for (const Tensor& input : inputs) views.push_back(input.view());
    for (const Precision precision : {Precision::kFloat32, Precision::kFloat16}) {
      CompileOptions options;
      options.precision = precision;
      const auto executable = expect(CudaBackend().compile(build(hostile), options));
      const auto outputs = expect(run_once(*executable, views));
      CHECK(mismatch(outputs[0].view(), hostile.output, 0) == "");
    }
  }
}

TEST_CASE("a recording of a Resize keeps its own tables") {
  for (const char* mode : {"nearest", "linear", "cubic"}) {
    const auto executable = expect(CudaBackend().compile(doubled(mode), {}));
    for (const Shape& shape : {Shape{1, 1, 3, 4}, {1, 1, 40, 2}, {1, 1, 3, 4}, {1, 1, 40, 2}}) {
      const Tensor input = to_tensor(random_tensor(shape, 1));
      const TensorView view = input.view();
      const auto found = expect(run_once(*executable, {&view, 1}));
      const auto wanted = expect(run_graph(ReferenceBackend(), doubled(mode), {&view, 1}));
      CHECK(mismatch(found[0].view(), wanted[0].view(), tolerance(4, DType::kFloat16, 2)) == "");
    }
  }
}

}  // namespace synsight::test
