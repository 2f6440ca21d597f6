// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/gather.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/native/cuda/functors/functor_test.h"

namespace synsight::cuda {

TEST_CASE("Gather takes slices by positive and negative indices of both types") {
  const std::vector<double> indices = {2, 0, -1, 4, -5, 2};
  for (const DType index_dtype : {DType::kInt32, DType::kInt64}) {
    for (const DType dtype : {DType::kUInt8, DType::kFloat16, DType::kFloat32, DType::kInt64}) {
      for (const int64_t elements_a_unit : {1, 2}) {
        const test::TestTensor x = test::counting_tensor({3, 5, 6}, 0, 1, dtype);
        const Tensor source = test::to_tensor(x);
        const Tensor positions = test::to_tensor({{6}, indices, index_dtype});
        Tensor y = test::unwritten(dtype, {3, 6, 6});
        Gather gather;
        gather.dim = 5;
        gather.inner = 6 / elements_a_unit;
        gather.num_indices = 6;
        gather.unit_size = dtype_size(dtype) * static_cast<size_t>(elements_a_unit);
        gather.is_wide = index_dtype == DType::kInt64;
        gather.source = source.data();
        gather.indices = positions.data();
        gather.target = y.data();
        test::run_each(gather, int64_t{3} * 6 * 6 / elements_a_unit);
        test::TestTensor wanted = test::generate({3, 6, 6}, [&](std::span<const int64_t> index) {
          const auto taken = static_cast<int64_t>(indices[static_cast<size_t>(index[1])]);
          const int64_t from[] = {index[0], taken < 0 ? taken + 5 : taken, index[2]};
          return test::element_at(x, from);
        });
        wanted.dtype = dtype;
        CHECK(test::difference(y, wanted, 0) == "");
      }
    }
  }
}

}  // namespace synsight::cuda
