// SPDX-License-Identifier: Apache-2.0
#include "tests/native/cuda/runs.h"

#include <cstring>
#include <utility>

#include "core/backend/reference/reference_backend.h"
#include "core/optimize/optimize.h"
#include "native/cli/difference.h"
#include "native/cuda/cuda_backend.h"
#include "tests/support/expect.h"
#include "tests/support/run_graph.h"
#include "tests/support/test_tensor.h"

namespace synsight::test {

std::unique_ptr<Executable> compile_for_cuda(Graph graph, Precision precision) {
  expect(optimize::optimize(graph));
  CompileOptions options;
  options.precision = precision;
  return expect(CudaBackend().compile(std::move(graph), options));
}

Tensor random_pictures(const Shape& shape, uint32_t seed) {
  return to_tensor(random_tensor(shape, seed, -2, 2));
}

Tensor reference_output(Graph graph, const Tensor& input) {
  expect(optimize::optimize(graph));
  const TensorView view = input.view();
  return std::move(expect(run_graph(ReferenceBackend(), std::move(graph), {&view, 1})).front());
}

Tensor end_run(Executable& executable) {
  const Port& port = executable.outputs()[0];
  Tensor output = expect(Tensor::allocate(port.dtype, port.shape));
  std::memset(output.data(), 0xff, output.size_bytes());
  const MutableTensorView view = output.mutable_view();
  expect(executable.finish({&view, 1}));
  return output;
}

Tensor run(Executable& executable, const Tensor& input) {
  expect(reshape_to(executable, input.shape()));
  expect(begin_run(executable, input));
  expect(executable.advance({}, {}));
  return end_run(executable);
}

Status begin_run(Executable& executable, const Tensor& input) {
  const TensorView view = input.view();
  return executable.begin({&view, 1});
}

Status reshape_to(Executable& executable, const Shape& shape) {
  return executable.reshape({&shape, 1});
}

double difference(const Tensor& found, const Tensor& wanted) {
  return expect(cli::relative_difference(wanted.view(), found.view()));
}

bool is_same(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() &&
         std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

}  // namespace synsight::test
