// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/gather.h"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "tests/native/cuda/functors/functor_test.h"

namespace synsight::cuda {

namespace {

constexpr DType kTypes[] = {DType::kUInt8, DType::kFloat16, DType::kFloat32, DType::kInt64};

/// Far outside of everything.
constexpr double kFar = 0x1p62;

test::TestTensor as_dtype(test::TestTensor tensor, DType dtype) {
  tensor.dtype = dtype;
  return tensor;
}

IndexList list_of(const Tensor& indices) {
  return {indices.data(), indices.dtype() == DType::kInt64};
}

}  // namespace

TEST_CASE("Gather takes slices by indices of both types, and zeros for those outside") {
  const std::vector<double> indices = {2, 0, -1, 4, -5, 5, -6, 2147483647, -2147483648.0};
  for (const DType index_dtype : {DType::kInt32, DType::kInt64}) {
    for (const DType dtype : kTypes) {
      for (const int64_t elements_a_unit : {1, 2}) {
        const test::TestTensor x = test::counting_tensor({3, 5, 6}, 1, 1, dtype);
        const Tensor source = test::to_tensor(x);
        const Tensor positions = test::to_tensor({{9}, indices, index_dtype});
        Tensor y = test::unwritten(dtype, {3, 9, 6});
        Gather gather;
        gather.dim = 5;
        gather.inner = 6 / elements_a_unit;
        gather.num_indices = 9;
        gather.unit_size = dtype_size(dtype) * static_cast<size_t>(elements_a_unit);
        gather.source = source.data();
        gather.indices = list_of(positions);
        gather.target = y.data();
        test::run_each(gather, int64_t{3} * 9 * 6 / elements_a_unit);
        const auto wanted = test::generate({3, 9, 6}, [&](std::span<const int64_t> index) {
          const auto taken = static_cast<int64_t>(indices[static_cast<size_t>(index[1])]);
          if (taken < -5 || taken > 4) return 0.0;
          const int64_t from[] = {index[0], taken < 0 ? taken + 5 : taken, index[2]};
          return test::element_at(x, from);
        });
        CHECK(test::difference(y, as_dtype(wanted, dtype), 0) == "");
      }
    }
  }
}

TEST_CASE("GatherSlices takes the slices of tuples, and zeros where one index is outside") {
  // Two batches of 3 x 2 slices, three tuples each.
  const std::vector<double> tuples = {2, 1, -3, -2, 0, 2, -1, 0, kFar, 0, 1, -kFar};
  const double taken[] = {5, 0, -1, 10, -1, -1};
  for (const DType dtype : kTypes) {
    const test::TestTensor x = test::counting_tensor({12, 3}, 1, 1, dtype);
    const Tensor source = test::to_tensor(x);
    const Tensor indices = test::to_tensor({{12}, tuples, DType::kInt64});
    Tensor y = test::unwritten(dtype, {6, 3});
    GatherSlices gather;
    gather.indices = list_of(indices);
    gather.tuples.length = 2;
    gather.tuples.dims[0] = 3;
    gather.tuples.dims[1] = 2;
    gather.tuples_per_batch = 3;
    gather.inner = 3;
    gather.unit_size = dtype_size(dtype);
    gather.source = source.data();
    gather.target = y.data();
    test::run_each(gather, 18);
    const auto wanted = test::generate({6, 3}, [&](std::span<const int64_t> index) {
      const double slice = taken[index[0]];
      return slice < 0 ? 0 : 1 + slice * 3 + static_cast<double>(index[1]);
    });
    CHECK(test::difference(y, as_dtype(wanted, dtype), 0) == "");
  }
}

TEST_CASE("GatherElements takes elements along an axis, and a zero for an index outside") {
  // X: [2,3,2], and along its middle axis two indices each.
  const Shape shape{2, 2, 2};
  const std::vector<double> indices = {0, -1, 2, 1, -3, 3, -4, kFar};
  const double wanted[] = {1, 6, 5, 4, 7, 0, 0, 0};
  for (const DType dtype : kTypes) {
    const Tensor source = test::to_tensor(test::counting_tensor({2, 3, 2}, 1, 1, dtype));
    const Tensor positions = test::to_tensor({shape, indices, DType::kInt64});
    Tensor y = test::unwritten(dtype, shape);
    GatherElements gather;
    const StridedAxis axes[] = {{2, 6}, {2, 0}, {2, 1}};
    gather.lines = StridedMap(axes);
    gather.dim = 3;
    gather.stride = 2;
    gather.unit_size = dtype_size(dtype);
    gather.source = source.data();
    gather.indices = list_of(positions);
    gather.target = y.data();
    test::run_each(gather, 8);
    CHECK(test::difference(y, {shape, {std::begin(wanted), std::end(wanted)}, dtype}, 0) == "");
  }
}

TEST_CASE("An axis without elements has none to take") {
  const Tensor positions = test::to_tensor({{3}, {0, -1, 1}, DType::kInt32});
  for (int64_t i = 0; i < 3; ++i) CHECK(list_of(positions).at(i, 0) == kOutside);
}

TEST_CASE("Units become as large as what lies together") {
  size_t unit_size = 2;
  int64_t inner = 48;
  CHECK(widen_units(unit_size, inner) == 8);
  CHECK(unit_size == 16);
  CHECK(inner == 6);
  inner = 0;
  unit_size = 1;
  CHECK(widen_units(unit_size, inner) == 1);
}

}  // namespace synsight::cuda
