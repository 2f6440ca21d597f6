// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/resize.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "tests/native/cuda/functors/functor_test.h"

namespace synsight::cuda {

TEST_CASE("WeightAxis sums what its taps say, and repeats the edge where they lie outside") {
  // [2,4,3] to [2,5,3]
  const std::vector<WeightedTaps> taps = {
      {-2, 3, 0}, {0, 2, 3}, {3, 1, 5}, {2, 4, 0}, {int64_t{1} << 40, 1, 4}};
  const std::vector<float> weights = {0.5F, 0.25F, -1, 2, 0.125F, 3, 1};
  for (const DType from : test::kStorages) {
    for (const DType to : test::kStorages) {
      for (const bool is_clamped : {false, true}) {
        const test::TestTensor x = test::stored_tensor({2, 4, 3}, from, 1);
        const Tensor stored = test::to_tensor(x);
        Tensor y = test::unwritten(to, {2, 5, 3});
        WeightAxis resize;
        resize.y = test::elements_of(y);
        resize.x = test::elements_of(stored);
        resize.taps = taps.data();
        resize.weights = weights.data();
        resize.dim = 4;
        resize.size = Divider(5);
        resize.inner = Divider(3);
        if (is_clamped) resize.clamp = {-0.5F, 1};
        test::run_each(resize, 30);
        test::TestTensor wanted = test::generate({2, 5, 3}, [&](std::span<const int64_t> index) {
          const WeightedTaps& read = taps[static_cast<size_t>(index[1])];
          double sum = 0;
          for (int64_t i = 0; i < read.count; ++i) {
            const int64_t at[] = {index[0], std::clamp<int64_t>(read.begin + i, 0, 3), index[2]};
            sum += static_cast<double>(weights[static_cast<size_t>(read.first_weight + i)]) *
                   test::element_at(x, at);
          }
          return is_clamped ? std::clamp(sum, -0.5, 1.0) : sum;
        });
        wanted.dtype = to;
        CHECK(test::difference(y, wanted, 1, 16) == "");
      }
    }
  }
}

}  // namespace synsight::cuda
