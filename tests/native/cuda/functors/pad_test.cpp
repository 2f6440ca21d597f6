// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/pad.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/native/cuda/functors/functor_test.h"

namespace synsight::cuda {

namespace {

using ops::PadMode;
using test::TestTensor;

struct Case {
  PadMode mode;
  Shape shape;
  std::vector<int64_t> begin;
  std::vector<int64_t> end;
  int64_t elements_a_unit = 1;  // of the last axis, which is then not padded
};

/// Walks from an index that is outside into the axis, step by step.
int64_t walk_inside(PadMode mode, int64_t index, int64_t dim) {
  if (dim == 1) return 0;
  while (index < 0 || index >= dim) {
    const bool is_before = index < 0;
    switch (mode) {
      case PadMode::kWrap:
        index += is_before ? dim : -dim;
        break;
      case PadMode::kReflect:
        index = is_before ? -index : 2 * (dim - 1) - index;
        break;
      default:
        index += is_before ? 1 : -1;
    }
  }
  return index;
}

TestTensor pad_by_definition(const Case& test_case, const TestTensor& x, double value) {
  Shape shape;
  for (size_t axis = 0; axis < x.shape.rank(); ++axis) {
    shape.push_back(x.shape[axis] + test_case.begin[axis] + test_case.end[axis]);
  }
  TestTensor y = test::generate(shape, [&](std::span<const int64_t> index) {
    std::vector<int64_t> from;
    for (size_t axis = 0; axis < index.size(); ++axis) {
      const int64_t at = index[axis] - test_case.begin[axis];
      from.push_back(test_case.mode == PadMode::kConstant
                         ? at
                         : walk_inside(test_case.mode, at, x.shape[axis]));
    }
    return test::flat_index(x.shape, from) ? test::element_at(x, from) : value;
  });
  y.dtype = x.dtype;
  return y;
}

Pad plan(const Case& test_case, const Shape& target, DType dtype) {
  Pad pad;
  const int64_t wide = test_case.elements_a_unit;
  const ops::Strides strides = ops::row_major_strides(test_case.shape);
  const size_t rank = target.rank();
  pad.mode = test_case.mode;
  pad.num_axes = static_cast<int>(rank);
  pad.num_units = static_cast<int64_t>(target.num_elements()) / wide;
  pad.element_size = dtype_size(dtype);
  pad.unit_size = pad.element_size * static_cast<size_t>(wide);
  for (size_t axis = 0; axis < rank; ++axis) {
    const bool is_last = axis + 1 == rank;
    pad.dims[axis] = target[axis] / (is_last ? wide : 1);
    pad.source_dims[axis] = test_case.shape[axis] / (is_last ? wide : 1);
    pad.source_strides[axis] = strides[axis] / (is_last ? 1 : wide);
    pad.begin[axis] = test_case.begin[axis];
  }
  return pad;
}

const Case kCases[] = {
    {PadMode::kConstant, {3, 4}, {1, 2}, {0, 3}},
    {PadMode::kConstant, {3, 4}, {-1, 2}, {2, -3}},
    {PadMode::kConstant, {2, 3, 8}, {1, 1, 0}, {1, 2, 0}, 2},
    {PadMode::kConstant, {2, 0, 2}, {0, 1, 0}, {0, 1, 1}},
    {PadMode::kConstant,
     {1, 2, 1, 2, 1, 2, 1, 2},
     {0, 1, 0, 0, 1, 0, 0, 1},
     {1, 0, 0, 1, 0, 0, 1, 0}},
    {PadMode::kEdge, {3, 4}, {2, 5}, {4, 1}},
    {PadMode::kEdge, {3, 4}, {-1, 1}, {2, -2}},
    {PadMode::kReflect, {3, 4}, {2, 3}, {1, 2}},
    {PadMode::kReflect, {3, 4}, {7, 0}, {9, 5}},
    {PadMode::kReflect, {1, 4}, {2, 0}, {3, 0}, 4},
    {PadMode::kWrap, {3, 4}, {4, 1}, {2, 9}},
    {PadMode::kWrap, {2, 3, 4}, {0, 0, 0}, {4, 3, 8}},
    {PadMode::kWrap, {1, 4}, {2, 0}, {3, 0}, 2},
};

}  // namespace

TEST_CASE("Pad puts every element where its definition says") {
  for (const DType dtype : {DType::kFloat16, DType::kFloat32, DType::kInt8, DType::kInt64}) {
    for (const Case& test_case : kCases) {
      for (const double value : {0.0, 7.0}) {
        CAPTURE(dtype_name(dtype));
        CAPTURE(&test_case - kCases);
        const TestTensor x = test::counting_tensor(test_case.shape, 1, 1, dtype);
        const TestTensor wanted = pad_by_definition(test_case, x, value);
        Pad pad = plan(test_case, wanted.shape, dtype);
        const bool is_allowed = pad.unit_size <= kMaxUnit;
        if (!is_allowed) continue;
        const Tensor source = test::to_tensor(x);
        const Tensor filling = test::to_tensor({{}, {value}, dtype});
        Tensor y = test::unwritten(dtype, wanted.shape);
        pad.source = source.data();
        pad.target = y.data();
        pad.value = value != 0 ? filling.data() : nullptr;
        test::run_each(pad, pad.num_units);
        CHECK(test::difference(y, wanted, 0) == "");
      }
    }
  }
}

TEST_CASE("Pad fills with bits of its own where no input gives the value") {
  const TestTensor x = test::counting_tensor({2, 2}, 1, 1, DType::kFloat16);
  const Case test_case{PadMode::kConstant, {2, 2}, {1, 0}, {0, 0}, 2};
  const TestTensor wanted = pad_by_definition(test_case, x, -2);
  Pad pad = plan(test_case, wanted.shape, DType::kFloat16);
  const Tensor source = test::to_tensor(x);
  Tensor y = test::unwritten(DType::kFloat16, wanted.shape);
  pad.source = source.data();
  pad.target = y.data();
  pad.default_bits = 0xc000;  // f16's -2
  test::run_each(pad, pad.num_units);
  CHECK(test::difference(y, wanted, 0) == "");
}

}  // namespace synsight::cuda
