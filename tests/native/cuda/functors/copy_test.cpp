// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/copy.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "tests/native/cuda/functors/functor_test.h"

namespace synsight::cuda {

namespace {

using ops::row_major_strides;
using ops::Strides;
using test::difference;
using test::stored_tensor;
using test::TestTensor;

constexpr DType kOfEachSize[] = {DType::kInt8, DType::kFloat16, DType::kInt32, DType::kInt64};

struct Sides {
  Shape shape;
  Strides target;
  Strides source;
  int64_t target_offset = 0;
  int64_t source_offset = 0;
};

/// Copies as a kernel does, with units as large as they can be, and tells their size.
size_t copy(const Sides& sides, const Tensor& source, Tensor& target) {
  StridedCopy copy;
  copy.space = plan_index_space<2>(sides.shape, {sides.target, sides.source});
  copy.unit_size = dtype_size(source.dtype());
  int64_t offsets[2] = {sides.target_offset, sides.source_offset};
  widen_units(copy.space, copy.unit_size, offsets);
  copy.target = unit_at(target.data(), copy.unit_size, offsets[0]);
  copy.source = unit_at(source.data(), copy.unit_size, offsets[1]);
  test::run_each(copy, copy.space.num_elements);
  return copy.unit_size;
}

void check_transpose(const Shape& shape, const std::vector<size_t>& perm, DType dtype) {
  const TestTensor x = test::counting_tensor(shape, 0, 1, dtype);
  Shape turned;
  Strides source{};
  for (size_t axis = 0; axis < perm.size(); ++axis) {
    turned.push_back(shape[perm[axis]]);
    source[axis] = row_major_strides(shape)[perm[axis]];
  }
  TestTensor wanted = test::generate(turned, [&](std::span<const int64_t> index) {
    std::vector<int64_t> from(perm.size());
    for (size_t axis = 0; axis < perm.size(); ++axis) from[perm[axis]] = index[axis];
    return test::element_at(x, from);
  });
  wanted.dtype = dtype;
  Tensor y = test::unwritten(dtype, turned);
  copy({turned, row_major_strides(turned), source}, test::to_tensor(x), y);
  CHECK(difference(y, wanted, 0) == "");
}

}  // namespace

TEST_CASE("a strided copy transposes elements of any size") {
  for (const DType dtype : kOfEachSize) {
    CAPTURE(dtype_name(dtype));
    std::vector<size_t> perm = {0, 1, 2, 3};
    do {
      check_transpose({2, 3, 4, 5}, perm, dtype);
    } while (std::next_permutation(perm.begin(), perm.end()));
    check_transpose({2, 1, 3, 16}, {1, 2, 0, 3}, dtype);
    check_transpose({}, {}, dtype);
    check_transpose({1, 2, 1, 2, 2, 3, 2, 2}, {7, 3, 0, 6, 1, 5, 4, 2}, dtype);
  }
}

TEST_CASE("a strided copy takes slices, backwards too, and writes parts") {
  const TestTensor x = test::counting_tensor({4, 10}, 0, 1, DType::kFloat16);
  Tensor y = test::to_tensor(TestTensor{{4, 7}, std::vector<double>(28, -1), DType::kFloat16});
  // y[:, 2:5] = x[::-1, 9::-3][:, :3]
  copy({.shape = {4, 3},
        .target = {7, 1},
        .source = {-10, -3},
        .target_offset = 2,
        .source_offset = 39},
       test::to_tensor(x), y);
  TestTensor wanted = test::generate({4, 7}, [&](std::span<const int64_t> index) {
    if (index[1] < 2 || index[1] > 4) return -1.0;
    return static_cast<double>((3 - index[0]) * 10 + 9 - 3 * (index[1] - 2));
  });
  wanted.dtype = DType::kFloat16;
  CHECK(difference(y, wanted, 0) == "");
}

TEST_CASE("units grow to 16 bytes where everything is aligned") {
  const auto unit_size = [](const Sides& sides, DType dtype) {
    const Tensor source = test::to_tensor(test::counting_tensor({1024}, 0, 1, dtype));
    Tensor target = test::unwritten(dtype, {1024});
    const size_t size = copy(sides, source, target);
    ops::for_each_offset<2>(
        sides.shape, {sides.target, sides.source}, [&](const std::array<int64_t, 2>& at) {
          const auto element = dtype_size(dtype);
          const void* to = unit_at(target.data(), element, at[0] + sides.target_offset);
          const void* from = unit_at(source.data(), element, at[1] + sides.source_offset);
          CHECK(std::memcmp(to, from, element) == 0);
        });
    return size;
  };
  CHECK(unit_size({{4, 5, 16}, {80, 16, 1}, {80, 16, 1}}, DType::kFloat16) == 16);
  CHECK(unit_size({{4, 5, 16}, {160, 32, 1}, {80, 16, 1}}, DType::kFloat16) == 16);
  CHECK(unit_size({{4, 5, 16}, {160, 32, 1}, {80, 16, 1}, 8, 0}, DType::kFloat16) == 16);
  CHECK(unit_size({{4, 5, 16}, {160, 32, 1}, {80, 16, 1}, 4, 0}, DType::kFloat16) == 8);
  CHECK(unit_size({{4, 5, 16}, {160, 32, 1}, {80, 16, 1}, 0, 1}, DType::kFloat16) == 2);
  CHECK(unit_size({{4, 5, 12}, {60, 12, 1}, {120, 24, 1}}, DType::kFloat16) == 8);
  CHECK(unit_size({{4, 5, 12}, {60, 12, 1}, {68, 12, 1}}, DType::kFloat32) == 16);
  CHECK(unit_size({{4, 5, 12}, {60, 12, 1}, {66, 12, 1}}, DType::kFloat32) == 8);
  CHECK(unit_size({{4, 6}, {6, 1}, {1, 4}}, DType::kFloat32) == 4);
  CHECK(unit_size({{4, 6}, {6, 1}, {6, 0}}, DType::kInt8) == 1);
  CHECK(unit_size({{4, 6}, {6, 1}, {0, 1}}, DType::kInt64) == 16);
}

TEST_CASE("a converting copy rounds to the target's type, in any order") {
  for (const DType from : test::kStorages) {
    for (const DType to : test::kStorages) {
      CAPTURE(dtype_name(from));
      CAPTURE(dtype_name(to));
      const Shape shape = {3, 5, 8};
      const TestTensor x = stored_tensor(shape, from, 1);
      for (const Strides& target : {Strides{40, 8, 1}, Strides{1, 3, 15}}) {
        ConvertingCopy copy;
        copy.space = plan_index_space<2>(shape, {target, row_major_strides(shape)});
        CHECK(copy.space.pack == (target[2] == 1 ? kPack : 1));
        const Tensor source = test::to_tensor(x);
        Tensor y = test::unwritten(to, {120});
        copy.target = test::elements_of(y);
        copy.source = test::elements_of(source);
        test::run_each(copy, copy.space.num_packs());
        TestTensor wanted{{120}, std::vector<double>(120), to};
        ops::for_each_offset<2>(
            shape, {target, row_major_strides(shape)}, [&](const std::array<int64_t, 2>& at) {
              wanted.values[static_cast<size_t>(at[0])] = x.values[static_cast<size_t>(at[1])];
            });
        // to_tensor rounds the wanted elements by code of its own.
        CHECK(test::mismatch(y.view(), test::to_tensor(wanted).view(), 0) == "");
      }
    }
  }
}

TEST_CASE("a converting copy repeats elements and ends anywhere") {
  for (const int64_t size : test::kSizes) {
    for (const int64_t stride : {0, 1}) {
      const TestTensor x = stored_tensor({size}, DType::kFloat16, 2);
      const Tensor source = test::to_tensor(x);
      Tensor y = test::unwritten(DType::kFloat32, {size});
      const ConvertingCopy copy{plan_index_space<2>({size}, {Strides{1}, Strides{stride}}),
                                test::elements_of(y), test::elements_of(source)};
      test::run_each(copy, copy.space.num_packs());
      const TestTensor wanted = test::generate({size}, [&](std::span<const int64_t> index) {
        return x.values[static_cast<size_t>(index[0] * stride)];
      });
      CHECK(difference(y, wanted, 0) == "");
    }
  }
}

TEST_CASE("a converting copy writes nothing behind the last element") {
  for (const int64_t size : test::kSizes) {
    const Tensor x = to_tensor(test::counting_tensor({size + kPack}));
    Tensor y = test::fenced(DType::kFloat16, size);
    const ConvertingCopy copy{plan_index_space<2>({size}, {Strides{1}, Strides{1}}),
                              test::elements_of(y), test::elements_of(x)};
    test::run_each(copy, copy.space.num_packs());
    CHECK(test::is_fence_whole(y, size));
  }
}

}  // namespace synsight::cuda
