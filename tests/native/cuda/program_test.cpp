// SPDX-License-Identifier: Apache-2.0
// Where a program's values lie.
#include "core/backend/program.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "core/backend/shape_plan.h"
#include "core/optimize/optimize.h"
#include "native/cuda/kernel_table.h"
#include "native/cuda/program_needs.h"
#include "tests/native/cuda/small_networks.h"
#include "tests/support/expect.h"

namespace synsight::test {

namespace {

/// A program as the backend builds it, with what it borrows.
struct BuiltProgram {
  Graph graph;
  cuda::Queue queue = expect(cuda::Queue::create());
  std::unique_ptr<cuda::Compilation> compilation;
  std::vector<std::unique_ptr<Kernel>> kernels;
  cuda::SharedMemory shared;
  std::unique_ptr<cuda::CudaNeeds> needs;
  Program program;
};

std::unique_ptr<BuiltProgram> build(Graph graph, const Shape& input) {
  auto built = std::make_unique<BuiltProgram>();
  expect(optimize::optimize(graph));
  built->graph = std::move(graph);
  built->compilation.reset(
      new cuda::Compilation{{built->graph, expect(plan_shapes(built->graph, {&input, 1}))},
                            built->queue,
                            nullptr,
                            DType::kFloat32,
                            false});
  for (const Node& node : built->graph.nodes) {
    built->kernels.push_back(expect(cuda::make_kernel(*built->compilation, node)));
  }
  built->needs = std::make_unique<cuda::CudaNeeds>(*built->compilation, built->shared);
  built->program = expect(
      build_program(built->graph, built->kernels, built->compilation->typical, *built->needs));
  return built;
}

/// When a buffer is touched, as the steps say; inputs are there before the first, outputs are read
/// after the last.
struct Span {
  size_t first = static_cast<size_t>(-1);
  size_t last = 0;

  void touch(size_t step) {
    first = std::min(first, step);
    last = std::max(last, step);
  }
  bool is_used() const { return first <= last; }
  bool meets(const Span& other) const {
    return is_used() && other.is_used() && first <= other.last && other.first <= last;
  }
};

std::vector<Span> spans_of(const Program& program) {
  std::vector<Span> spans(program.buffers.size());
  const auto touch = [&](const std::vector<BufferId>& buffers, size_t step) {
    for (const BufferId id : buffers) {
      if (id != kNoBuffer) spans[id].touch(step);
    }
  };
  touch(program.inputs, 0);
  for (size_t i = 0; i < program.steps.size(); ++i) {
    touch(program.steps[i].inputs, i + 1);
    touch(program.steps[i].outputs, i + 1);
    touch({program.steps[i].scratch}, i + 1);
  }
  touch(program.outputs, program.steps.size() + 1);
  return spans;
}

}  // namespace

TEST_CASE("values that live at the same time do not share memory") {
  for (const SmallNetwork& network : small_networks()) {
    CAPTURE(network.name);
    const auto built = build(network.build(), with_batch(network.input, 3));
    const Program& program = built->program;
    const std::vector<Span> spans = spans_of(program);
    size_t num_in_arena = 0;
    size_t all_bytes = 0;
    for (size_t a = 0; a < spans.size(); ++a) {
      const size_t size = program.buffers[a].lifetime.size_bytes;
      if (program.buffers[a].constant != nullptr || size == 0) continue;
      ++num_in_arena;
      all_bytes += size;
      const size_t begin = program.memory.offsets[a];
      CHECK(begin + size <= program.memory.arena_bytes);
      for (size_t b = 0; b < a; ++b) {
        const size_t other = program.buffers[b].lifetime.size_bytes;
        if (program.buffers[b].constant != nullptr || !spans[a].meets(spans[b])) continue;
        const size_t other_begin = program.memory.offsets[b];
        CHECK((begin + size <= other_begin || other_begin + other <= begin));
      }
    }
    CHECK(num_in_arena > 4);
    CHECK(program.memory.arena_bytes < all_bytes);  // or there is nothing that could overlap
  }
}

TEST_CASE("every value has room for its elements as they are stored") {
  for (const SmallNetwork& network : small_networks()) {
    CAPTURE(network.name);
    const auto built = build(network.build(), with_batch(network.input, 3));
    const Program& program = built->program;
    for (size_t id = 0; id < program.places.size(); ++id) {
      const Place& place = program.places[id];
      if (place.buffer == kNoBuffer || program.buffers[place.buffer].constant != nullptr) continue;
      const size_t num_elements = built->compilation->typical.values[id].shape.num_elements();
      CHECK(program.buffers[place.buffer].lifetime.size_bytes >=
            num_elements * dtype_size(place.dtype));
    }
  }
}

}  // namespace synsight::test
