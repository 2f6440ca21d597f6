// SPDX-License-Identifier: Apache-2.0
// The kernels that call cuDNN and cuBLASLt, with loops in the libraries' place: which operands they
// get, and what is done before and after.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/backend/reference/reference_backend.h"
#include "native/cuda/cuda_backend.h"
#include "tests/native/cuda/standin/standin.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/run_graph.h"

namespace synsight {

namespace {

using cuda::standin_libraries;
using cuda::StandinLibraries;
using test::expect;
using test::GraphBuilder;
using test::TestAttribute;

struct Case {
  const char* what;
  const char* op_type;
  Shape input;
  std::vector<Shape> constants;
  std::vector<TestAttribute> attributes;
  const char* kernel;  // where the libraries can do everything, in f16
  Shape residual;      // what an Add behind a Conv adds; rank 0: there is none
};

const std::vector<TestAttribute> kSame = {{"pads", {1, 1, 1, 1}}};
const std::vector<TestAttribute> kUneven = {{"pads", {0, 0, 1, 1}}, {"strides", {2, 2}}};

const std::vector<Case> kCases = {
    {"whole units", "Conv", {2, 16, 5, 6}, {{24, 16, 3, 3}, {24}}, kSame, "cudnn convolution", {}},
    {"no bias", "Conv", {2, 16, 5, 6}, {{24, 16, 3, 3}}, kSame, "cudnn convolution", {}},
    {"a picture", "Conv", {2, 3, 7, 6}, {{16, 3, 3, 3}, {16}}, kSame, "cudnn convolution", {}},
    {"a picture, pads that differ",
     "Conv",
     {2, 3, 7, 6},
     {{16, 3, 3, 3}, {16}},
     kUneven,
     "cudnn convolution",
     {}},
    {"pads that differ",
     "Conv",
     {1, 8, 7, 6},
     {{16, 8, 3, 3}, {16}},
     kUneven,
     "cudnn convolution",
     {}},
    {"broken units of filters",
     "Conv",
     {2, 16, 5, 6},
     {{10, 16, 3, 3}, {10}},
     kSame,
     "cudnn convolution",
     {}},
    {"broken units of both",
     "Conv",
     {2, 5, 5, 6},
     {{3, 5, 3, 2}, {3}},
     kUneven,
     "cudnn convolution",
     {}},
    {"one pixel", "Conv", {3, 16, 1, 1}, {{10, 16, 1, 1}, {10}}, {}, "cublaslt product", {}},
    {"pixels by themselves",
     "Conv",
     {2, 16, 5, 4},
     {{8, 16, 1, 1}, {8}},
     {},
     "cublaslt product",
     {}},
    {"groups",
     "Conv",
     {2, 16, 6, 5},
     {{16, 8, 3, 3}, {16}},
     {{"group", 2}},
     "cudnn convolution, own bias",
     {}},
    {"narrow groups",
     "Conv",
     {2, 16, 6, 5},
     {{8, 4, 3, 3}, {8}},
     {{"group", 4}},
     "direct convolution",
     {}},
    {"a residual",
     "Conv",
     {2, 16, 5, 6},
     {{24, 16, 3, 3}, {24}},
     kSame,
     "cudnn convolution",
     {2, 24, 5, 6}},
    {"a residual without a bias",
     "Conv",
     {2, 16, 5, 6},
     {{24, 16, 3, 3}},
     kSame,
     "cudnn convolution",
     {2, 24, 5, 6}},
    {"a residual of a picture",
     "Conv",
     {2, 3, 7, 6},
     {{16, 3, 3, 3}, {16}},
     kUneven,
     "cudnn convolution",
     {2, 16, 3, 3}},
    {"a residual of broken units of filters",
     "Conv",
     {2, 16, 5, 6},
     {{10, 16, 3, 3}, {10}},
     kSame,
     "cudnn convolution, own bias",
     {2, 10, 5, 6}},
    {"a residual of pixels by themselves",
     "Conv",
     {2, 16, 5, 4},
     {{8, 16, 1, 1}, {8}},
     {},
     "cublaslt product",
     {2, 8, 5, 4}},
    {"a residual of pixels and broken units of filters",
     "Conv",
     {2, 16, 5, 4},
     {{10, 16, 1, 1}},
     {},
     "cublaslt product",
     {2, 10, 5, 4}},
    {"a residual of groups",
     "Conv",
     {2, 16, 6, 5},
     {{16, 8, 3, 3}, {16}},
     {{"group", 2}},
     "cudnn convolution, own bias",
     {2, 16, 4, 3}},
    {"a residual of narrow groups",
     "Conv",
     {2, 16, 6, 5},
     {{8, 4, 3, 3}, {8}},
     {{"group", 4}},
     "direct convolution",
     {2, 8, 4, 3}},
    {"a classifier's end",
     "Gemm",
     {3, 16},
     {{10, 16}, {10}},
     {{"transB", 1}},
     "cublaslt product",
     {}},
    {"scaled",
     "Gemm",
     {16, 3},
     {{16, 10}, {1, 10}},
     {{"transA", 1}, {"alpha", 0.5}, {"beta", 2.0}},
     "cublaslt product",
     {}},
    {"C as one number", "Gemm", {3, 16}, {{16, 10}, {1}}, {{"beta", -1.0}}, "cublaslt product", {}},
    {"C as a matrix",
     "Gemm",
     {3, 16},
     {{16, 10}, {3, 10}},
     {{"beta", 0.5}},
     "cublaslt product",
     {}},
    {"C as a column", "Gemm", {3, 16}, {{16, 10}, {3, 1}}, {}, "matrix product", {}},
    {"MatMul", "MatMul", {2, 3, 16}, {{16, 10}}, {}, "cublaslt product", {}},
    {"MatMul of a batch", "MatMul", {2, 3, 16}, {{2, 16, 5}}, {}, "cublaslt product", {}},
};

/// Neg before it, so that its input is stored as the backend stores it, where `is_inside`, and
/// after it. The activation is the last one's.
Graph build(const Case& test_case, const ActivationRange& activation, bool is_inside) {
  GraphBuilder builder;
  ValueId x = builder.input("x", test_case.input);
  if (is_inside) x = builder.node("Neg", {x});
  std::vector<ValueId> inputs = {x};
  for (const Shape& shape : test_case.constants) {
    const auto seed = static_cast<uint32_t>(inputs.size());
    inputs.push_back(
        builder.initializer("c" + std::to_string(seed), test::random_tensor(shape, seed)));
  }
  ValueId y = builder.node(test_case.op_type, inputs, test_case.attributes, "node");
  if (test_case.residual.rank() > 0) {
    const ValueId z = builder.initializer("z", test::random_tensor(test_case.residual, 8));
    y = builder.node("Add", {y, z}, {}, "last");
  }
  if (is_inside) y = builder.node("Neg", {y});
  Graph graph = builder.finish({y});
  for (Node& node : graph.nodes) {
    if (node.name == (test_case.residual.rank() > 0 ? "last" : "node")) {
      node.activation = activation;
    }
  }
  return graph;
}

struct Answer {
  Tensor output;
  std::string kernel;
  std::string last_kernel;  // the residual's Add
};

Answer run(const Backend& backend, Graph graph, const CompileOptions& options) {
  const Shape shape = graph.value(graph.inputs[0]).shape;
  const Tensor x = test::to_tensor(test::random_tensor(shape, 9));
  const auto executable = expect(backend.compile(std::move(graph), options));
  const TensorView inputs[] = {x.view()};
  Answer answer{std::move(expect(test::run_once(*executable, inputs))[0]), "", ""};
  for (const NodePlan& plan : executable->plan()) {
    if (plan.node->name == "node") answer.kernel = plan.kernel;
    if (plan.node->name == "last") answer.last_kernel = plan.kernel;
  }
  return answer;
}

/// Compares with the reference and gives the kernel's name.
std::string check(const Case& test_case, const ActivationRange& activation, bool is_inside,
                  const CompileOptions& options) {
  const Answer wanted = run(ReferenceBackend(), build(test_case, activation, is_inside), {});
  const Answer found = run(CudaBackend(), build(test_case, activation, is_inside), options);
  const bool is_half = options.precision == Precision::kFloat16;
  const double allowed =
      test::tolerance(is_half ? 8 : 200, is_half ? DType::kFloat16 : DType::kFloat32, 8);
  CHECK(test::mismatch(found.output.view(), wanted.output.view(), allowed) == "");
  CHECK(found.last_kernel == (test_case.residual.rank() > 0 ? "in node" : ""));
  return found.kernel;
}

void check_all(const std::function<void(const Case&, const std::string& kernel)>& look,
               bool is_tuned = false) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  for (const Case& test_case : kCases) {
    CAPTURE(test_case.what);
    for (const ActivationRange& activation :
         {ActivationRange{}, ActivationRange{0, kInfinite}, ActivationRange{-0.5f, 0.75f}}) {
      for (const bool is_inside : {false, true}) {
        for (const Precision precision :
             {Precision::kFloat32, Precision::kTf32, Precision::kFloat16}) {
          CompileOptions options;
          options.precision = precision;
          options.is_tuned = is_tuned;
          const std::string kernel = check(test_case, activation, is_inside, options);
          if (precision == Precision::kFloat16) look(test_case, kernel);
        }
      }
    }
  }
}

/// Two convolutions, one of pixels by themselves and a product: [N,8,5,4] to [N,10].
Graph classifier_network() {
  GraphBuilder builder;
  ValueId x = builder.input("x", {-1, 8, 5, 4});
  const auto weights = [&](const char* name, const Shape& shape) {
    return builder.initializer(name, test::random_tensor(shape, 3));
  };
  x = builder.node("Conv", {x, weights("w1", {8, 8, 3, 3}), weights("b1", {8})}, kSame);
  x = builder.node("Conv", {x, weights("w2", {16, 4, 3, 3})}, {{"group", 2}});
  x = builder.node("Conv", {x, weights("w3", {8, 16, 1, 1}), weights("b3", {8})});
  x = builder.node("Flatten", {builder.node("GlobalAveragePool", {x})});
  return builder.finish({builder.node("Gemm", {x, weights("w4", {8, 10})})});
}

/// Until it goes, the libraries can only do so much.
struct Limits {
  explicit Limits(const StandinLibraries& limits) { standin_libraries() = limits; }
  Limits(const Limits&) = delete;
  Limits& operator=(const Limits&) = delete;
  ~Limits() { standin_libraries() = {}; }
};

}  // namespace

TEST_CASE("Conv, Gemm and MatMul by libraries give what the reference gives") {
  check_all(
      [](const Case& test_case, const std::string& kernel) { CHECK(kernel == test_case.kernel); });
}

TEST_CASE("without a fused convolution, bias and clamp are our own") {
  const Limits limits({.has_fused = false, .has_products = false});
  check_all([](const Case& test_case, const std::string& kernel) {
    CAPTURE(kernel);
    if (std::string(test_case.op_type) != "Conv") CHECK(kernel == "matrix product");
  });
}

TEST_CASE("without any library everything is direct") {
  const Limits limits({.has_fused = false, .has_bare = false, .has_products = false});
  check_all([](const Case& test_case, const std::string& kernel) {
    const bool is_conv = std::string(test_case.op_type) == "Conv";
    CHECK(kernel == (is_conv ? "direct convolution" : "matrix product"));
  });
}

TEST_CASE("tuning changes no answer") {
  check_all([](const Case&, const std::string&) {}, true);
}

TEST_CASE("an observer that parts a Conv from its Add has only that one planned anew") {
  class Watcher : public RunObserver {
   public:
    void after_node(const Node&, double) override {}
    bool wants_outputs(const Node&) override { return true; }
    void output(const Node&, const Value&, const TensorView&) override {}
  };
  const Limits limits({});
  GraphBuilder builder;
  ValueId x = builder.input("x", {1, 8, 4, 4});
  const ValueId w = builder.initializer("w", test::random_tensor({8, 8, 3, 3}, 1));
  for (int i = 0; i < 2; ++i) x = builder.node("Conv", {x, w}, kSame);
  const ValueId sums = builder.node("Conv", {x, w}, kSame);
  Graph graph = builder.finish({builder.node("Add", {sums, x})});
  graph.nodes[0].activation = {0, 1};
  graph.nodes[1].activation = {0, 2};
  CompileOptions options;
  options.precision = Precision::kFloat16;
  const auto executable = expect(CudaBackend().compile(std::move(graph), options));
  const Tensor input = test::to_tensor(test::random_tensor({1, 8, 4, 4}, 2));
  const TensorView view = input.view();
  expect(test::run_once(*executable, {&view, 1}));
  const int num_before = standin_libraries().num_prepared;
  Watcher watcher;
  for (int i = 0; i < 3; ++i) {
    expect(test::run_once(*executable, {&view, 1}, {nullptr, {}, &watcher}));
    expect(test::run_once(*executable, {&view, 1}));
    CHECK(standin_libraries().num_prepared == num_before + 1);
  }
}

// A recording has to keep its plans: the kernels hold those of the last size that was prepared.
TEST_CASE("each batch size is planned once, and the file has its plans") {
  const Limits limits({});
  const auto path =
      std::filesystem::temp_directory_path() / ("synsight-sizes-" + std::to_string(getpid()));
  for (const bool is_tuned : {false, true}) {
    CompileOptions options;
    options.plan_cache = path.string();
    options.is_tuned = is_tuned;
    for (const bool has_file : {false, true}) {
      CAPTURE(is_tuned);
      CAPTURE(has_file);
      standin_libraries().num_prepared = 0;
      const auto executable = expect(CudaBackend().compile(classifier_network(), options));
      for (const int64_t batch : {1, 3, 8, 1, 3, 2, 8, 1}) {
        CAPTURE(batch);
        const Tensor input =
            test::to_tensor(test::random_tensor({batch, 8, 5, 4}, static_cast<uint32_t>(batch)));
        const TensorView view = input.view();
        const auto found = expect(test::run_once(*executable, {&view, 1}));
        const auto wanted =
            expect(test::run_graph(ReferenceBackend(), classifier_network(), {&view, 1}));
        const double allowed = test::tolerance(
            500, DType::kFloat32, test::max_magnitude(test::to_doubles(wanted[0].view())));
        CHECK(test::mismatch(found[0].view(), wanted[0].view(), allowed) == "");
      }
      // Four sizes, of two convolutions, and of a third where that is timed against a product.
      const int num_planned = is_tuned ? 12 : 8;
      CHECK(standin_libraries().num_prepared == (has_file ? 0 : num_planned));
    }
    std::filesystem::remove(path);
  }
}

TEST_CASE("a plan that a file keeps is not sought again") {
  const Limits limits({});
  const auto path =
      std::filesystem::temp_directory_path() / ("synsight-plans-" + std::to_string(getpid()));
  for (const bool is_tuned : {true, false}) {
    CompileOptions options;
    options.plan_cache = path.string();
    options.is_tuned = is_tuned;
    options.precision = Precision::kFloat16;
    for (int i = 0; i < 2; ++i) CHECK(check(kCases[0], {}, false, options) == kCases[0].kernel);
  }
  CHECK(standin_libraries().num_prepared == 1);
  std::filesystem::remove(path);
}

}  // namespace synsight
