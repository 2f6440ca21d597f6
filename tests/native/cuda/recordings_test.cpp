// SPDX-License-Identifier: Apache-2.0
// Runs of several batch sizes, each recorded once, on the stand-in for a GPU: it ends the program
// where memory is used or given back out of turn.
#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "native/cuda/executable.h"
#include "tests/native/cuda/all_orders.h"
#include "tests/native/cuda/runs.h"
#include "tests/native/cuda/small_networks.h"
#include "tests/native/cuda/standin/standin.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"

namespace synsight::test {

namespace {

constexpr double kTolerance = 1e-5;  // f32, of the range
constexpr uint32_t kOrders = 5;

/// A network on the stand-in, with batches of any size and what the reference answers.
class Batches {
 public:
  explicit Batches(SmallNetwork network) : network_(std::move(network)) {}

  Executable& executable() { return *executable_; }
  Status reshape(int64_t batch) {
    return reshape_to(*executable_, with_batch(network_.input, batch));
  }

  /// Begins a run of one of the two batches of that size that there are.
  void start(int64_t batch, int which, RunObserver* observer = nullptr) {
    expect(begin_run(*executable_, pair_of(batch, which).input));
    expect(executable_->advance({nullptr, {}, observer}, {}));
  }
  /// Ends the oldest run; whether it gave that batch's answer.
  bool ends_with(int64_t batch, int which) {
    return difference(end_run(*executable_), pair_of(batch, which).wanted) < kTolerance;
  }
  /// A run by itself.
  bool is_right(int64_t batch, RunObserver* observer = nullptr) {
    expect(reshape(batch));
    start(batch, 0, observer);
    return ends_with(batch, 0);
  }

 private:
  struct Pair {
    Tensor input;
    Tensor wanted;
  };

  Pair& pair_of(int64_t batch, int which) {
    auto& pairs = pairs_[batch];
    for (uint32_t seed = 1; pairs.size() < 2; ++seed) {
      Tensor input = random_pictures(with_batch(network_.input, batch), seed);
      Tensor wanted = reference_output(network_.build(), input);
      pairs.push_back({std::move(input), std::move(wanted)});
    }
    return pairs[static_cast<size_t>(which)];
  }

  SmallNetwork network_;
  std::unique_ptr<Executable> executable_ = compile_for_cuda(network_.build(), Precision::kFloat32);
  std::map<int64_t, std::vector<Pair>> pairs_;
};

SmallNetwork residual() { return {"residual", residual_network, {1, 3, 16, 16}}; }

size_t num_recordings() { return cuda::standin_counts().recordings; }

/// What is left of a run is under way when the next size comes.
void alternate(Batches& batches, const std::vector<int64_t>& sizes) {
  for (const int64_t batch : sizes) {
    CAPTURE(batch);
    expect(batches.reshape(batch));
    batches.start(batch, 0);
    batches.start(batch, 1);
    CHECK(batches.ends_with(batch, 0));
    batches.start(batch, 0);
    CHECK(batches.ends_with(batch, 1));
  }
}

}  // namespace

TEST_CASE("a batch size that comes again is neither recorded nor given memory again") {
  for (const SmallNetwork& network : small_networks()) {
    CAPTURE(network.name);
    with_all_orders(
        [&] {
          Batches batches(network);
          alternate(batches, {1, 3, 8});
          const cuda::StandinCounts before = cuda::standin_counts();
          alternate(batches, {1, 3, 8, 3, 1, 8, 1});
          CHECK(cuda::standin_counts().recordings == before.recordings);
          CHECK(cuda::standin_counts().allocations == before.allocations);
        },
        kOrders);
  }
}

TEST_CASE("smaller batches take the memory of a larger one, and the same weights") {
  for (const SmallNetwork& network : small_networks()) {
    CAPTURE(network.name);
    Batches batches(network);
    alternate(batches, {8});
    const size_t taken = cuda::standin_device_bytes();
    const size_t before = num_recordings();
    alternate(batches, {7, 5, 2, 3});
    CHECK(num_recordings() == before + 4);
    CHECK(cuda::standin_device_bytes() == taken);
  }
}

TEST_CASE("the size that was used longest ago is forgotten, whatever is under way") {
  REQUIRE(cuda::CudaExecutable::kMaxRecordings == 8);
  with_all_orders(
      [] {
        Batches batches(residual());
        alternate(batches, {9, 1, 2, 3, 4, 5, 6, 7, 9});
        size_t before = num_recordings();
        alternate(batches, {1, 8});  // 2 goes
        CHECK(num_recordings() == before + 1);
        alternate(batches, {1, 3, 7, 8, 9});
        CHECK(num_recordings() == before + 1);
        alternate(batches, {2, 3, 5, 4});  // 4 went for 2, and 6 for 4
        CHECK(num_recordings() == before + 3);
      },
      kOrders);
}

TEST_CASE("many sizes take no more than twice the largest one's memory") {
  const size_t before = cuda::standin_device_bytes();
  {
    Batches largest(residual());
    expect(largest.reshape(20));
    const size_t arena_bytes = largest.executable().arena_bytes();
    const size_t taken = cuda::standin_device_bytes() - before;
    Batches batches(residual());
    for (int round = 0; round < 3; ++round) {
      for (int64_t batch = 1; batch <= 20; ++batch) {
        CHECK(batches.is_right(batch));
        CHECK(cuda::standin_device_bytes() - before <= 2 * taken + arena_bytes);
      }
    }
  }
  CHECK(cuda::standin_device_bytes() == before);
}

// Such a constant goes with its recording, and another may come to lie at its address.
TEST_CASE("what comes of a batch's shape is its own") {
  const auto build = [] {
    GraphBuilder builder;
    const ValueId x = builder.input("x", {-1, 3, 4, 4});
    const ValueId sizes = builder.node("Cast", {builder.node("Shape", {x})}, {{"to", 1}});
    const ValueId weights = builder.initializer("w", random_tensor({4}, 1, -1, 1));
    return builder.finish({builder.node("Add", {builder.node("Mul", {x, sizes}), weights})});
  };
  Batches batches({"shape", build, {1, 3, 4, 4}});
  for (int round = 0; round < 2; ++round) {
    for (int64_t batch = 1; batch <= 12; ++batch) {
      CAPTURE(batch);
      CHECK(batches.is_right(batch));
    }
  }
}

TEST_CASE("a reshape that fails leaves what is recorded") {
  with_all_orders([] {
    Batches batches(residual());
    alternate(batches, {1, 4});
    const cuda::StandinCounts before = cuda::standin_counts();
    for (const Shape& shape : {Shape{1, 4, 16, 16}, Shape{4, 3, 16}, Shape{2, 3, 3, 16}}) {
      CHECK(!reshape_to(batches.executable(), shape).has_value());
      CHECK(!begin_run(batches.executable(), random_pictures(shape, 1)).has_value());
      CHECK(batches.executable().plan().empty());
      alternate(batches, {4, 1});
    }
    CHECK(cuda::standin_counts().recordings == before.recordings);
    CHECK(cuda::standin_counts().allocations == before.allocations);
  });
}

TEST_CASE("where memory is short, a new size takes that of the others") {
  size_t needed = 0;
  {
    Batches alone(residual());
    expect(alone.reshape(8));
    needed = cuda::standin_device_bytes();
  }
  with_all_orders(
      [needed] {
        Batches batches(residual());
        alternate(batches, {1, 6, 7});
        const size_t slots =
            size_t{2} * 8 * 3 * 16 * 16 * sizeof(float);  // grow before they shrink
        cuda::set_standin_limit(needed + slots);
        alternate(batches, {8});
        cuda::set_standin_limit(std::nullopt);
        const size_t before = num_recordings();
        alternate(batches, {1, 8, 6});
        CHECK(num_recordings() == before + 2);
      },
      kOrders);
}

TEST_CASE("watched runs and others of several sizes do not disturb each other") {
  with_all_orders([] {
    Batches batches(residual());
    alternate(batches, {1, 3});
    const size_t before = num_recordings();
    ValueCounter watcher;
    for (const int64_t batch : {3, 1, 1, 3}) {
      CHECK(batches.is_right(batch, &watcher));
      CHECK(batches.is_right(batch));
      batches.start(batch, 1);
      batches.start(batch, 0, &watcher);
      CHECK(batches.ends_with(batch, 1));
      CHECK(batches.ends_with(batch, 0));
    }
    CHECK(watcher.num_values > 4 * 8);
    CHECK(num_recordings() == before);
    CHECK(batches.is_right(2));
    CHECK(batches.is_right(2, &watcher));
  });
}

TEST_CASE("a size that is recorded between a program and its watching has it laid out anew") {
  Batches batches(residual());
  ValueCounter watcher;
  CHECK(batches.is_right(2, &watcher));
  CHECK(batches.is_right(5));
  CHECK(batches.is_right(2, &watcher));
  CHECK(batches.is_right(5, &watcher));
  CHECK(batches.is_right(5, &watcher));
}

}  // namespace synsight::test
