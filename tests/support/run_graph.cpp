// SPDX-License-Identifier: Apache-2.0
#include "tests/support/run_graph.h"

#include <cstring>
#include <memory>
#include <utility>

namespace synsight::test {

Result<std::vector<Tensor>> run_once(Executable& executable, std::span<const TensorView> inputs,
                                     const RunOptions& options) {
  std::vector<Shape> shapes;
  for (const TensorView& input : inputs) shapes.push_back(input.shape);
  SYNSIGHT_TRY(executable.reshape(shapes));
  std::vector<Tensor> outputs;
  std::vector<MutableTensorView> views;
  for (const Port& port : executable.outputs()) {
    SYNSIGHT_TRY_ASSIGN(Tensor output, Tensor::allocate(port.dtype, port.shape));
    std::memset(output.data(), 0xff, output.size_bytes());
    views.push_back(output.mutable_view());
    outputs.push_back(std::move(output));
  }
  SYNSIGHT_TRY(executable.run(inputs, views, options));
  return outputs;
}

Result<std::vector<Tensor>> run_graph(const Backend& backend, Graph&& graph,
                                      std::span<const TensorView> inputs) {
  SYNSIGHT_TRY_ASSIGN(const std::unique_ptr<Executable> executable,
                      backend.compile(std::move(graph), {}));
  return run_once(*executable, inputs);
}

}  // namespace synsight::test
