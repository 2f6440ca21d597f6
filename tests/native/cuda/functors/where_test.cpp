// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/where.h"

#include <doctest/doctest.h>

#include "tests/core/ops/broadcast_oracle.h"
#include "tests/native/cuda/functors/functor_test.h"

namespace synsight::cuda {

TEST_CASE("Where chooses elements of any size under broadcasting") {
  struct Shapes {
    Shape condition;
    Shape a;
    Shape b;
  };
  const Shapes all[] = {{{3, 5}, {3, 5}, {3, 5}},
                        {{5}, {3, 1}, {}},
                        {{}, {2, 1, 4}, {3, 1}},
                        {{2, 1, 1, 2, 1, 2, 1, 2}, {2, 3, 1, 1, 2, 1, 1, 2}, {1}}};
  for (const Shapes& shapes : all) {
    for (const DType dtype : {DType::kUInt8, DType::kFloat16, DType::kFloat32, DType::kInt64}) {
      CAPTURE(shapes.a.to_string());
      CAPTURE(dtype_name(dtype));
      const test::TestTensor condition =
          test::random_tensor(shapes.condition, 1, 0, 2, DType::kBool);
      const test::TestTensor a = test::counting_tensor(shapes.a, 0, 1, dtype);
      const test::TestTensor b = test::counting_tensor(shapes.b, 100, 1, dtype);
      test::TestTensor wanted = test::broadcast(
          {condition, a, b},
          [](std::span<const double> values) { return values[0] != 0 ? values[1] : values[2]; });
      wanted.dtype = dtype;
      const Shape& shape = wanted.shape;
      const Tensor chosen_by = test::to_tensor(condition);
      const Tensor first = test::to_tensor(a);
      const Tensor second = test::to_tensor(b);
      Tensor y = test::unwritten(dtype, shape);
      const Where where{plan_index_space<4>(shape, {ops::row_major_strides(shape),
                                                    ops::broadcast_strides(condition.shape, shape),
                                                    ops::broadcast_strides(a.shape, shape),
                                                    ops::broadcast_strides(b.shape, shape)}),
                        dtype_size(dtype),
                        y.data(),
                        chosen_by.data(),
                        first.data(),
                        second.data()};
      test::run_each(where, where.space.num_elements);
      CHECK(test::difference(y, wanted, 0) == "");
    }
  }
}

}  // namespace synsight::cuda
