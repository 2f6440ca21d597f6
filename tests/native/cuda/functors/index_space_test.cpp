// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/index_space.h"

#include <doctest/doctest.h>

#include <map>
#include <vector>

#include "core/ops/strided.h"

namespace synsight::cuda {

namespace {

using ops::broadcast_strides;
using ops::row_major_strides;
using ops::Strides;

/// Which source element each target element takes, by a walk over every index.
std::map<int64_t, int64_t> pairs_of(const Shape& shape, const Strides& target,
                                    const Strides& source) {
  std::map<int64_t, int64_t> pairs;
  ops::for_each_offset<2>(shape, {target, source},
                          [&](const std::array<int64_t, 2>& at) { pairs[at[0]] = at[1]; });
  return pairs;
}

std::map<int64_t, int64_t> pairs_of(const IndexSpace<2>& space) {
  std::map<int64_t, int64_t> pairs;
  for (int64_t i = 0; i < space.num_elements; ++i) {
    int64_t at[2];
    space.locate(i, at);
    pairs[at[0]] = at[1];
  }
  return pairs;
}

}  // namespace

TEST_CASE("axes that lie together on both sides become one") {
  const Shape shape = {2, 3, 5, 7};
  const auto same =
      plan_index_space<2>(shape, {row_major_strides(shape), row_major_strides(shape)});
  CHECK(same.num_axes == 1);
  CHECK(same.dims[0] == 210);
  CHECK(same.num_elements == 210);
  const auto channels =
      plan_index_space<2>(shape, {row_major_strides(shape), broadcast_strides({3, 1, 1}, shape)});
  CHECK(channels.num_axes == 3);
  CHECK(channels.dims[2] == 35);
  const auto scalar =
      plan_index_space<2>(shape, {row_major_strides(shape), broadcast_strides({1}, shape)});
  CHECK(scalar.num_axes == 1);
}

TEST_CASE("every index is found on both sides, whatever the strides") {
  const Shape shape = {2, 3, 1, 5, 4};
  const Strides dense = row_major_strides(shape);
  const std::vector<Strides> others = {
      dense,
      {0, 0, 0, 0, 0},
      {1, 2, 6, 6, 30},
      {60, -20, 20, -4, 1},
      broadcast_strides({5, 1}, shape),
      broadcast_strides({2, 1, 1, 1, 4}, shape),
  };
  for (const Strides& target : {dense, Strides{1, 2, 6, 6, 30}, Strides{200, 60, 60, 8, 2}}) {
    for (const Strides& source : others) {
      const auto space = plan_index_space<2>(shape, {target, source});
      CHECK(pairs_of(space) == pairs_of(shape, target, source));
    }
  }
}

TEST_CASE("the written side is walked through in the order of its memory") {
  const Shape shape = {3, 4, 5};
  const auto space = plan_index_space<2>(shape, {Strides{1, 15, 3}, row_major_strides(shape)});
  for (int64_t i = 0; i < space.num_elements; ++i) {
    int64_t at[2];
    space.locate(i, at);
    CHECK(at[0] == i);
  }
}

TEST_CASE("packs are taken only where all of them are aligned") {
  const auto pack = [](const Shape& shape, const Shape& other) {
    return plan_index_space<2>(shape, {row_major_strides(shape), broadcast_strides(other, shape)})
        .pack;
  };
  CHECK(pack({3, 7}, {3, 7}) == kPack);
  CHECK(pack({3, 7}, {1, 1}) == kPack);
  CHECK(pack({4, 5, 16}, {4, 1, 16}) == kPack);
  CHECK(pack({4, 5, 16}, {4, 5, 1}) == kPack);
  CHECK(pack({4, 5, 12}, {4, 1, 12}) == 1);
  CHECK(pack({4, 5, 12}, {4, 5, 1}) == 1);
  CHECK(plan_index_space<2>({4, 8}, {Strides{8, 1}, Strides{1, 4}}).pack == 1);
  CHECK(plan_index_space<2>({4, 8}, {Strides{8, 1}, Strides{12, 1}}).pack == 1);
  CHECK(plan_index_space<2>({4, 8}, {Strides{8, 1}, Strides{16, 1}}).pack == kPack);
  CHECK(plan_index_space<2>({4, 12}, {Strides{16, 1}, Strides{16, 1}}).pack == 1);
}

TEST_CASE("a scalar has one index, and an empty tensor none") {
  const auto scalar = plan_index_space<2>({}, {Strides{}, Strides{}});
  CHECK(scalar.num_elements == 1);
  int64_t at[2] = {-1, -1};
  scalar.locate(0, at);
  CHECK(at[0] == 0);
  CHECK(at[1] == 0);
  const Shape empty = {2, 0, 3};
  const auto space =
      plan_index_space<2>(empty, {row_major_strides(empty), row_major_strides(empty)});
  CHECK(space.num_elements == 0);
  CHECK(space.num_packs() == 0);
}

TEST_CASE("a division is right on both sides of 32 bits") {
  for (const int64_t index :
       {int64_t{0}, int64_t{6}, (int64_t{1} << 32) - 1, int64_t{1} << 32, (int64_t{1} << 40) + 5}) {
    for (const int64_t dim : {int64_t{1}, int64_t{7}, int64_t{1} << 31, (int64_t{1} << 33) + 1}) {
      int64_t quotient = index;
      CHECK(take_remainder(quotient, dim) == index % dim);
      CHECK(quotient == index / dim);
    }
  }
}

}  // namespace synsight::cuda
