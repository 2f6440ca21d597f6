// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/scatter.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "tests/native/cuda/functors/functor_test.h"

namespace synsight::cuda {

namespace {

using ops::ScatterReduction;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

// For data of [2,3] slices: two updates of slice 4, one of slice 0, and four that are outside.
const std::vector<int64_t> kTuples = {1, 1, 2, 0, 0, -3, -1, -2, 0, 3, kMin, 0, 0, kMax};
constexpr int64_t kNumTuples = 7;
constexpr int64_t kNumSlices = 6;

/// Chained in any order.
class Chains {
 public:
  explicit Chains(bool is_backwards) : first_(kNumSlices, 77), next_(kNumTuples, 77) {
    IndexTuples tuples;
    tuples.length = 2;
    tuples.dims[0] = 2;
    tuples.dims[1] = 3;
    test::run_each(ClearChains{get()}, kNumSlices);
    const ChainUpdates chain{get(), {kTuples.data(), true}, tuples};
    for (int64_t i = 0; i < kNumTuples; ++i) chain(is_backwards ? kNumTuples - 1 - i : i);
  }

  UpdateChains get() { return {first_.data(), next_.data()}; }

 private:
  std::vector<int32_t> first_;
  std::vector<int32_t> next_;
};

/// Slices of two elements; 1, 2, ... 12, and updates 10, -20, 30, -40 ...
template <typename T>
std::vector<double> reduce(ScatterReduction reduction, bool is_backwards) {
  Chains chains(is_backwards);
  std::vector<T> data;
  std::vector<T> updates;
  for (int i = 0; i < 12; ++i) data.push_back(static_cast<T>(static_cast<float>(i + 1)));
  for (int i = 0; i < 14; ++i) {
    updates.push_back(static_cast<T>(static_cast<float>((i % 2 == 0 ? 10 : -10) * (i + 1))));
  }
  std::vector<T> y(12);
  test::run_each(ReduceSlices<T>{chains.get(), 2, reduction, y.data(), data.data(), updates.data()},
                 12);
  std::vector<double> values;
  for (const T& element : y) values.push_back(static_cast<double>(static_cast<float>(element)));
  return values;
}

}  // namespace

TEST_CASE("the last update replaces its slice, and none does from outside") {
  for (const bool is_backwards : {false, true}) {
    for (const DType dtype : {DType::kUInt8, DType::kFloat16, DType::kFloat32, DType::kInt64}) {
      Chains chains(is_backwards);
      const Tensor data = test::to_tensor(test::counting_tensor({6, 2}, 1, 1, dtype));
      const Tensor updates = test::to_tensor(test::counting_tensor({7, 2}, 100, 1, dtype));
      Tensor y = test::unwritten(dtype, {6, 2});
      ReplaceSlices replace;
      replace.chains = chains.get();
      replace.inner = 2;
      replace.unit_size = dtype_size(dtype);
      replace.target = y.data();
      replace.data = data.data();
      replace.updates = updates.data();
      test::run_each(replace, 12);
      CHECK(test::difference(y, {{6, 2}, {104, 105, 3, 4, 5, 6, 7, 8, 106, 107, 11, 12}, dtype},
                             0) == "");
    }
  }
}

TEST_CASE("all updates of a slice are joined with it") {
  const auto check = [](auto type) {
    using T = decltype(type);
    const auto with = [](double first, double second, double fifth, double sixth) {
      return std::vector<double>{first, second, 3, 4, 5, 6, 7, 8, fifth, sixth, 11, 12};
    };
    for (const bool is_backwards : {false, true}) {
      CHECK(reduce<T>(ScatterReduction::kAdd, is_backwards) == with(51, -58, 89, -90));
      CHECK(reduce<T>(ScatterReduction::kMax, is_backwards) == with(50, 2, 70, 10));
      CHECK(reduce<T>(ScatterReduction::kMin, is_backwards) == with(1, -60, 9, -80));
      CHECK(reduce<T>(ScatterReduction::kMul, is_backwards) == with(50, -120, 6300, 16000));
    }
  };
  check(float{});
  check(int32_t{});
  check(int64_t{});
  check(__half{});
}

TEST_CASE("integers are joined exactly and wrap around") {
  const std::vector<int64_t> tuple = {0};
  const int64_t data = kMax;
  const int64_t update = 2;
  int64_t y = 0;
  int32_t first = 0;
  int32_t next = 0;
  const UpdateChains chains{&first, &next};
  IndexTuples tuples;
  tuples.dims[0] = 1;
  ChainUpdates{chains, {tuple.data(), true}, tuples}(0);
  ReduceSlices<int64_t>{chains, 1, ScatterReduction::kAdd, &y, &data, &update}(0);
  CHECK(y == kMin + 1);
  ReduceSlices<int64_t>{chains, 1, ScatterReduction::kMul, &y, &data, &update}(0);
  CHECK(y == -2);
}

}  // namespace synsight::cuda
