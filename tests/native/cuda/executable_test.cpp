// SPDX-License-Identifier: Apache-2.0
// Runs that overlap, on the stand-in for a GPU: it ends the program where memory is used or given
// back out of turn.
#include "native/cuda/executable.h"

#include <doctest/doctest.h>

#include <chrono>
#include <utility>
#include <vector>

#include "native/cuda/cuda_backend.h"
#include "tests/native/cuda/all_orders.h"
#include "tests/native/cuda/runs.h"
#include "tests/native/cuda/small_networks.h"
#include "tests/native/cuda/standin/standin.h"
#include "tests/support/expect.h"

namespace synsight::test {

namespace {

constexpr double kTolerance = 1e-5;  // f32, of the range

const Shape kPicture = {1, 3, 16, 16};

/// A network with pictures, and what the reference answers for each.
class Runs {
 public:
  Runs() {
    for (uint32_t seed = 1; seed <= 4; ++seed) {
      pictures_.push_back(random_pictures(kPicture, seed));
      wanted_.push_back(reference_output(residual_network(), pictures_.back()));
    }
    expect(reshape_to(*executable_, kPicture));
  }

  Executable& executable() { return *executable_; }

  void begin(size_t picture) { expect(begin_run(*executable_, pictures_[picture])); }
  void start(size_t picture) {
    begin(picture);
    expect(executable_->advance({}, {}));
  }
  std::string_view stop(const RunOptions& options) {
    const Result<bool> result = executable_->advance(options, {});
    return result ? "none" : error_code_name(result.error().code);
  }
  bool has_run_that_ended() {
    const Port& port = executable_->outputs()[0];
    Tensor output = expect(Tensor::allocate(port.dtype, port.shape));
    const MutableTensorView view = output.mutable_view();
    return executable_->finish({&view, 1}).has_value();
  }

  /// Ends the oldest run and says which picture's answer it gave; -1: nobody's.
  int end() {
    const Tensor found = end_run(*executable_);
    for (size_t i = 0; i < wanted_.size(); ++i) {
      if (difference(found, wanted_[i]) < kTolerance) return static_cast<int>(i);
    }
    return -1;
  }

 private:
  std::unique_ptr<Executable> executable_ =
      compile_for_cuda(residual_network(), Precision::kFloat32);
  std::vector<Tensor> pictures_;
  std::vector<Tensor> wanted_;
};

}  // namespace

TEST_CASE("two runs under way answer in order, each for its own data") {
  with_all_orders([] {
    Runs runs;
    CHECK(runs.executable().max_runs() == 2);
    runs.start(0);
    int oldest = 0;
    for (const int next : {1, 2, 3, 0, 2, 2, 1}) {
      runs.start(static_cast<size_t>(next));
      CHECK(runs.end() == oldest);
      oldest = next;
    }
    CHECK(runs.end() == 1);
    CHECK(!runs.has_run_that_ended());
  });
}

TEST_CASE("the next run's data may come before the last one computes") {
  with_all_orders([] {
    Runs runs;
    runs.start(0);
    runs.begin(1);
    CHECK(runs.end() == 0);
    expect(runs.executable().advance({}, {}));
    runs.begin(2);
    CHECK(runs.end() == 1);
    expect(runs.executable().advance({}, {}));
    CHECK(runs.end() == 2);
  });
}

TEST_CASE("a third run gives up the oldest") {
  with_all_orders([] {
    Runs runs;
    runs.start(0);
    runs.start(1);
    runs.start(2);
    CHECK(runs.end() == 1);
    runs.start(3);
    runs.start(0);
    CHECK(runs.end() == 3);
    CHECK(runs.end() == 0);
    CHECK(!runs.has_run_that_ended());
  });
}

TEST_CASE("a run that is cancelled or late leaves the others right") {
  CancelFlag raised;
  raised.cancel();
  const RunOptions cancelled{&raised, {}, nullptr};
  const RunOptions late{nullptr, Clock::now() - std::chrono::milliseconds(1), nullptr};
  with_all_orders([&] {
    Runs runs;
    runs.begin(0);
    CHECK(runs.stop(cancelled) == "cancelled");
    CHECK(!runs.has_run_that_ended());
    runs.start(1);
    CHECK(runs.end() == 1);
    runs.start(2);
    runs.begin(3);
    CHECK(runs.stop(late) == "deadline_exceeded");
    CHECK(runs.end() == 2);
    runs.start(0);
    runs.begin(1);
    CHECK(runs.stop(cancelled) == "cancelled");
    runs.start(3);
    CHECK(runs.end() == 0);
    CHECK(runs.end() == 3);
  });
}

TEST_CASE("a run that is watched and cancelled between two nodes leaves the others right") {
  class Canceller : public RunObserver {
   public:
    void after_node(const Node&, double) override {
      if (++num_nodes == 3) flag.cancel();
    }
    bool wants_outputs(const Node&) override { return false; }
    void output(const Node&, const Value&, const TensorView&) override {}

    CancelFlag flag;
    int num_nodes = 0;
  };
  with_all_orders([] {
    Runs runs;
    runs.start(0);
    runs.begin(1);
    Canceller canceller;
    CHECK(runs.stop({&canceller.flag, {}, &canceller}) == "cancelled");
    CHECK(canceller.num_nodes == 3);
    CHECK(runs.end() == 0);
    runs.start(2);
    CHECK(runs.end() == 2);
  });
}

TEST_CASE("a run that is watched value by value leaves the others right") {
  with_all_orders([] {
    Runs runs;
    runs.start(0);
    runs.begin(1);
    ValueCounter watcher;  // gets another program: the network's Add is its Conv's otherwise
    CHECK(runs.stop({nullptr, {}, &watcher}) == "none");
    CHECK(watcher.num_values > 4);
    CHECK(runs.end() == 0);
    runs.start(2);
    CHECK(runs.end() == 1);
    CHECK(runs.end() == 2);
  });
}

TEST_CASE("a reshape gives up the runs under way") {
  with_all_orders([] {
    Runs runs;
    runs.start(0);
    runs.start(1);
    const Tensor batch = random_pictures({3, 3, 16, 16}, 9);
    const Tensor found = run(runs.executable(), batch);
    CHECK(difference(found, reference_output(residual_network(), batch)) < kTolerance);
    CHECK(!runs.has_run_that_ended());
    expect(reshape_to(runs.executable(), kPicture));
    runs.start(2);
    CHECK(runs.end() == 2);
  });
}

TEST_CASE("a reshape that fails gives them up as well, and the next one repairs it") {
  with_all_orders([] {
    Runs runs;
    runs.start(0);
    CHECK(!reshape_to(runs.executable(), {1, 4, 16, 16}).has_value());
    CHECK(!runs.has_run_that_ended());
    expect(reshape_to(runs.executable(), kPicture));
    runs.start(2);
    CHECK(runs.end() == 2);
  });
}

TEST_CASE("an executable may end with runs under way") {
  const size_t before = cuda::standin_device_bytes();
  with_all_orders([] {
    {
      Runs begun;
      begun.begin(0);
    }
    {
      Runs queued;
      queued.start(0);
      queued.start(1);
    }
    Runs both;
    both.start(0);
    both.begin(1);
  });
  CHECK(cuda::standin_device_bytes() == before);
}

TEST_CASE("two executables do not disturb each other") {
  with_all_orders([] {
    Runs first;
    Runs second;
    first.start(0);
    second.start(1);
    first.start(2);
    CHECK(second.end() == 1);
    CHECK(first.end() == 0);
    second.start(3);
    CHECK(first.end() == 2);
    CHECK(second.end() == 3);
  });
}

TEST_CASE("repeated runs take no more memory, and all is given back") {
  const size_t before = cuda::standin_device_bytes();
  {
    Runs runs;
    runs.start(0);
    const size_t taken = cuda::standin_device_bytes();
    for (size_t i = 0; i < 50; ++i) {
      runs.start(i % 4);
      CHECK(runs.end() >= 0);
      CHECK(cuda::standin_device_bytes() == taken);
    }
    CHECK(runs.end() == 1);
  }
  CHECK(cuda::standin_device_bytes() == before);
}

}  // namespace synsight::test
