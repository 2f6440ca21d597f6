// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/cast.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/native/cuda/functors/functor_test.h"

namespace synsight::cuda {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

struct Case {
  DType from;
  DType to;
  std::vector<double> x;
  std::vector<double> y;
};

const Case kCases[] = {
    {DType::kFloat32,
     DType::kInt8,
     {1.9, -1.9, 300, -300, kNan, kInf, 127},
     {1, -1, 127, -128, 0, 127, 127}},
    {DType::kFloat16, DType::kUInt8, {1.5, -1.5, 255, 256, kNan, -kInf}, {1, 0, 255, 255, 0, 0}},
    {DType::kBFloat16,
     DType::kInt32,
     {-2.5, 1e20, -1e20, 16384},
     {-2, 2147483647, -2147483648.0, 16384}},
    {DType::kFloat32, DType::kInt64, {-0.5, 1e9, 0x1p40}, {0, 1e9, 0x1p40}},
    {DType::kFloat32, DType::kBool, {0, -0.0, 0.25, kNan, -3}, {0, 0, 1, 1, 1}},
    {DType::kFloat16, DType::kFloat32, {0.5, -65504, 0x1p-24, kInf}, {0.5, -65504, 0x1p-24, kInf}},
    {DType::kFloat32,
     DType::kFloat16,
     {1e6, 2049, 2051, 0x1p-25, kNan},
     {kInf, 2048, 2052, 0, kNan}},
    {DType::kFloat32, DType::kBFloat16, {257, 259, -1}, {256, 260, -1}},
    {DType::kInt64, DType::kInt32, {0x1p32 + 5, -1, 0x1p31}, {5, -1, -0x1p31}},
    {DType::kInt32, DType::kInt8, {128, -129, 255, 7}, {-128, 127, -1, 7}},
    {DType::kInt32, DType::kInt64, {-2147483648.0, 16777217}, {-2147483648.0, 16777217}},
    {DType::kInt64, DType::kFloat32, {16777217, -3}, {16777216, -3}},
    {DType::kInt64, DType::kBool, {0, 0x1p32, -1}, {0, 1, 1}},
    {DType::kUInt8, DType::kInt8, {200, 1}, {-56, 1}},
    {DType::kBool, DType::kFloat16, {0, 1}, {0, 1}},
    {DType::kBool, DType::kInt64, {1, 0}, {1, 0}},
};

}  // namespace

TEST_CASE("Cast saturates floats and keeps integers' lower bits") {
  for (const Case& test_case : kCases) {
    CAPTURE(dtype_name(test_case.from));
    CAPTURE(dtype_name(test_case.to));
    const Shape shape = {static_cast<int64_t>(test_case.x.size())};
    const Tensor x = test::to_tensor({shape, test_case.x, test_case.from});
    Tensor y = test::unwritten(test_case.to, shape);
    const Cast cast{test::elements_of(y), test::elements_of(x)};
    test::run_each(cast, shape[0]);
    CHECK(test::difference(y, {shape, test_case.y, test_case.to}, 0) == "");
  }
}

}  // namespace synsight::cuda
