// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/backend/backend.h"
#include "core/graph/graph.h"
#include "core/tensor/tensor.h"

/// Runs of networks of one input and one output, on the CUDA backend and the reference.
namespace synsight::test {

/// Where the backend refuses the graph the test program ends.
std::unique_ptr<Executable> compile_for_cuda(Graph graph, Precision precision);

/// A picture, or a batch of them, for each seed.
Tensor random_pictures(const Shape& shape, uint32_t seed);

/// What `reference` makes of it, with the optimized graph, as the others get it.
Tensor reference_output(Graph graph, const Tensor& input);

/// All that is left of a run after `begin`; NaN where it fails to write.
Tensor end_run(Executable& executable);
Tensor run(Executable& executable, const Tensor& input);

Status begin_run(Executable& executable, const Tensor& input);
Status reshape_to(Executable& executable, const Shape& shape);

/// Wants every value, and counts them.
class ValueCounter final : public RunObserver {
 public:
  void after_node(const Node&, double) override {}
  bool wants_outputs(const Node&) override { return true; }
  void output(const Node&, const Value&, const TensorView&) override { ++num_values; }

  int num_values = 0;
};

/// The largest difference, as a part of the range of `wanted`.
double difference(const Tensor& found, const Tensor& wanted);

bool is_same(const Tensor& a, const Tensor& b);

/// What a result's error says: `device: no GPU`; `none` where there is none.
template <typename T>
std::string error_text(const Result<T>& result) {
  if (result) return "none";
  return std::string(error_code_name(result.error().code)) + ": " + result.error().message;
}

}  // namespace synsight::test
