// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/time_kernel.h"

#include <vector>

namespace synsight::cuda {

namespace {

constexpr int kTimedRuns = 10;

Result<Memory> zeros(Queue& queue, size_t size_bytes) {
  SYNSIGHT_TRY_ASSIGN(Memory memory, Memory::on_device(size_bytes));
  SYNSIGHT_TRY(queue.set_zero(memory.data(), size_bytes));
  return memory;
}

Result<double> time_runs(Queue& queue, Kernel& kernel) {
  SYNSIGHT_TRY_ASSIGN(const Event start, Event::create());
  SYNSIGHT_TRY_ASSIGN(const Event end, Event::create());
  SYNSIGHT_TRY(kernel.run());  // the first one loads code
  SYNSIGHT_TRY(queue.record(start));
  for (int i = 0; i < kTimedRuns; ++i) SYNSIGHT_TRY(kernel.run());
  SYNSIGHT_TRY(queue.record(end));
  SYNSIGHT_TRY(end.wait());
  SYNSIGHT_TRY_ASSIGN(const double milliseconds, elapsed_ms(start, end));
  return milliseconds / kTimedRuns;
}

}  // namespace

Result<double> time_kernel(Queue& queue, Kernel& kernel, std::span<const Operand> inputs,
                           const Operand& output, size_t scratch_bytes) {
  std::vector<Memory> memories(inputs.size());
  std::vector<const void*> addresses(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].exists()) continue;
    SYNSIGHT_TRY_ASSIGN(memories[i], zeros(queue, inputs[i].info.view().size_bytes()));
    addresses[i] = memories[i].data();
  }
  SYNSIGHT_TRY_ASSIGN(const Memory y, zeros(queue, output.info.view().size_bytes()));
  SYNSIGHT_TRY_ASSIGN(const Memory scratch, zeros(queue, scratch_bytes));
  void* const outputs[] = {y.data()};
  SYNSIGHT_TRY(kernel.setup(addresses, outputs, scratch.data()));
  auto milliseconds = time_runs(queue, kernel);
  SYNSIGHT_TRY(queue.wait());  // before its memory goes
  return milliseconds;
}

}  // namespace synsight::cuda
