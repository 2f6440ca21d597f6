// SPDX-License-Identifier: Apache-2.0
// What a GPU that is missing, or too small, or a network that it cannot compute leads to.
#include <doctest/doctest.h>

#include <optional>
#include <utility>

#include "core/backend/reference/reference_backend.h"
#include "core/backend/xnnpack/xnnpack_backend.h"
#include "core/classifier/session.h"
#include "native/cuda/cuda_backend.h"
#include "tests/native/cuda/runs.h"
#include "tests/native/cuda/small_networks.h"
#include "tests/native/cuda/standin/standin.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

namespace {

/// Device memory of that size for as long as it lives.
class Limit {
 public:
  explicit Limit(size_t size_bytes) { cuda::set_standin_limit(size_bytes); }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;
  ~Limit() { cuda::set_standin_limit(std::nullopt); }
};

/// What the CUDA backend says to a network; where it is given back, `reference` must run it as if
/// nothing had happened.
std::string refusal_of(const SmallNetwork& network) {
  const size_t taken = cuda::standin_device_bytes();
  Graph graph = network.build();
  const auto executable = CudaBackend().compile(std::move(graph), {});
  if (executable) return "none";
  CHECK(cuda::standin_device_bytes() == taken);
  const Tensor input = random_pictures(network.input, 1);
  const TensorView view = input.view();
  // NOLINTNEXTLINE(bugprone-use-after-move): a backend that refuses a graph leaves it as it was
  const auto outputs = run_graph(ReferenceBackend(), std::move(graph), {&view, 1});
  CHECK(error_text(outputs) == "none");
  const Tensor wanted = reference_output(network.build(), input);
  if (outputs) CHECK(difference(outputs->front(), wanted) < 1e-5);
  return error_text(executable);
}

Session session_on_cuda_or_cpu() {
  static const CudaBackend cuda;
  static const XnnpackBackend xnnpack;
  SessionOptions options;
  options.backends = {&cuda, &xnnpack};
  return expect(Session::create(residual_network(), options));
}

/// A graph with an operator that this backend has not got in these types.
Graph with_missing_kernel() {
  GraphBuilder builder;
  ValueId value = builder.input("x", {1, 3, 4, 4});
  value = builder.node("Relu", {value}, {}, "first");
  value = builder.node("Cast", {value}, {{"to", 11}}, "doubles");
  value = builder.node("Cast", {value}, {{"to", 1}}, "floats");
  return builder.finish({builder.node("Abs", {value}, {}, "last")});
}

}  // namespace

// Whatever the step at which memory runs out.
TEST_CASE("too little device memory is one clear error, and the graph is given back whole") {
  for (const SmallNetwork& network : small_networks()) {
    CAPTURE(network.name);
    size_t needed = 0;
    {
      const auto executable = compile_for_cuda(network.build(), Precision::kFloat16);
      needed = cuda::standin_device_bytes();
    }
    int num_refused = 0;
    for (size_t part = 0; part < 60; ++part) {
      const Limit limit(needed * part / 60);
      const std::string refusal = refusal_of(network);
      if (refusal == "none") continue;
      ++num_refused;
      CHECK(refusal.starts_with("device: "));
      CHECK(refusal.find(" MiB of the GPU's memory, ") != std::string::npos);
      CHECK(refusal.find('\n') == std::string::npos);
    }
    CHECK(num_refused > 40);
  }
}

TEST_CASE("where a larger batch does not fit, the executable goes on with a smaller one") {
  const auto executable = compile_for_cuda(residual_network(), Precision::kFloat32);
  const Tensor picture = random_pictures({1, 3, 16, 16}, 1);
  const Tensor wanted = run(*executable, picture);
  {
    const Limit limit(cuda::standin_device_bytes() * 2);
    CHECK(error_text(reshape_to(*executable, {64, 3, 16, 16})).starts_with("out_of_memory: "));
    CHECK(!begin_run(*executable, picture).has_value());
    CHECK(is_same(run(*executable, picture), wanted));
  }
}

TEST_CASE("a session falls to the next backend and says why") {
  {
    const Limit limit(100);
    const Session session = session_on_cuda_or_cpu();
    CHECK(session.backend_name() == "xnnpack");
    CHECK(session.refusals().starts_with("cuda: "));
    CHECK(session.refusals().find(" MiB of the GPU's memory, ") != std::string::npos);
  }
  cuda::set_standin_absence(Error{ErrorCode::kDevice, "there is no NVIDIA driver"});
  {
    const Session session = session_on_cuda_or_cpu();
    CHECK(session.backend_name() == "xnnpack");
    CHECK(session.refusals() == "cuda: there is no NVIDIA driver\n");
    CHECK(refusal_of(small_networks()[0]) == "device: there is no NVIDIA driver");
  }
  // Others have so much of it that it cannot even be opened.
  cuda::set_standin_absence(Error{ErrorCode::kOutOfMemory, "cudaSetDevice: out of memory"});
  {
    const Session session = session_on_cuda_or_cpu();
    CHECK(session.backend_name() == "xnnpack");
    CHECK(session.refusals() == "cuda: cudaSetDevice: out of memory\n");
    CHECK(refusal_of(small_networks()[0]) == "device: cudaSetDevice: out of memory");
  }
  cuda::set_standin_absence(std::nullopt);
  CHECK(session_on_cuda_or_cpu().refusals().empty());
}

TEST_CASE("a GPU that is not there is named") {
  CompileOptions options;
  options.device = 3;
  CHECK(error_text(CudaBackend().compile(residual_network(), options)) ==
        "device: there is no GPU 3");
}

TEST_CASE("a network with a missing kernel is refused by name before anything runs") {
  Graph graph = with_missing_kernel();
  const auto executable = CudaBackend().compile(std::move(graph), {});
  const std::string text = error_text(executable);
  CHECK(text.starts_with("unsupported_op: "));
  CHECK(text.find("\"doubles\" (Cast)") != std::string::npos);
  CHECK(cuda::standin_device_bytes() == 0);
  const Tensor input = random_pictures({1, 3, 4, 4}, 1);
  const TensorView view = input.view();
  // NOLINTNEXTLINE(bugprone-use-after-move): a backend that refuses a graph leaves it as it was
  CHECK(error_text(run_graph(ReferenceBackend(), std::move(graph), {&view, 1})) == "none");
}

}  // namespace synsight::test
