// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// ONNX's numbers of the element types, from onnx.proto.
struct OnnxType {
  int64_t number;
  DType dtype;
};

const OnnxType kOnnxTypes[] = {
    {1, DType::kFloat32},   {2, DType::kUInt8},    {3, DType::kInt8},    {4, DType::kUInt16},
    {5, DType::kInt16},     {6, DType::kInt32},    {7, DType::kInt64},   {9, DType::kBool},
    {10, DType::kFloat16},  {11, DType::kFloat64}, {12, DType::kUInt32}, {13, DType::kUInt64},
    {16, DType::kBFloat16},
};

int64_t number_of(DType dtype) {
  for (const OnnxType& type : kOnnxTypes) {
    if (type.dtype == dtype) return type.number;
  }
  return 0;
}

struct CastCase {
  DType from;
  std::vector<double> x;
  DType to;
  std::vector<double> y;
};

const CastCase kCases[] = {
    {DType::kFloat32, {1.9, -1.9, 0.5, -0.5}, DType::kInt32, {1, -1, 0, 0}},
    {DType::kFloat32, {1.9, -1.9, 0.5, -0.5}, DType::kInt64, {1, -1, 0, 0}},
    {DType::kFloat64, {1e300, -1e300, kNaN}, DType::kFloat32, {kInfinity, -kInfinity, kNaN}},
    {DType::kFloat64, {1 + 0x1p-30, 0x1p-200}, DType::kFloat32, {1, 0}},
    {DType::kFloat32, {0, -0.0, 0.5, -3, kNaN}, DType::kBool, {0, 0, 1, 1, 1}},
    {DType::kInt64, {0, 256, -1}, DType::kBool, {0, 1, 1}},
    {DType::kInt32, {200, -200, 65}, DType::kInt8, {-56, 56, 65}},
    {DType::kInt64, {-1, 0x1p40 + 5}, DType::kUInt32, {4294967295, 5}},
    {DType::kBool, {0, 1}, DType::kFloat32, {0, 1}},
    {DType::kInt32, {16777217, -3}, DType::kFloat32, {16777216, -3}},
    {DType::kFloat32, {65504, 65520, 1 + 0x1p-11}, DType::kFloat16, {65504, kInfinity, 1}},
    {DType::kFloat16, {0.5, -65504, 0x1p-24}, DType::kFloat32, {0.5, -65504, 0x1p-24}},
    {DType::kFloat32, {1 + 0x1p-8, 1 + 3 * 0x1p-8}, DType::kBFloat16, {1, 1 + 0x1p-6}},
    {DType::kUInt8, {255, 0}, DType::kInt64, {255, 0}},
};

}  // namespace

TEST_CASE("Cast converts as ONNX defines") {
  std::vector<OpCase> cases;
  for (const CastCase& c : kCases) {
    const Shape shape{static_cast<int64_t>(c.x.size())};
    const TestTensor x{shape, c.x, c.from};
    const TestTensor y{shape, c.y, c.to};
    const std::string description =
        std::string(dtype_name(c.from)) + " to " + std::string(dtype_name(c.to));
    cases.push_back({description, {"Cast", 13, {{"to", number_of(c.to)}}, {fed(x)}}, {y}});
    cases.push_back({description, {"CastLike", 15, {}, {fed(x), fed({{1}, {0}, c.to})}}, {y}});
  }
  run_op_cases(cases);
}

TEST_CASE("Cast knows every number of an element type") {
  std::vector<OpCase> cases;
  for (const OnnxType& type : kOnnxTypes) {
    cases.push_back({std::string(dtype_name(type.dtype)),
                     {"Cast", 7, {{"to", type.number}}, {fed({{2}, {0, 1}})}},
                     {{{2}, {0, 1}, type.dtype}}});
  }
  run_op_cases(cases);
}

TEST_CASE("Cast refuses element types that it does not know") {
  const TestTensor x{{1}, {1}};
  run_op_error_cases(std::vector<OpErrorCase>{
      {"strings", {"Cast", 13, {{"to", 8}}, {fed(x)}}, ErrorCode::kUnsupportedType, {"8"}},
      {"complex", {"Cast", 13, {{"to", 14}}, {fed(x)}}, ErrorCode::kUnsupportedType, {"14"}},
      {"float8", {"Cast", 19, {{"to", 17}}, {fed(x)}}, ErrorCode::kUnsupportedType, {"17"}},
      {"negative", {"Cast", 13, {{"to", -1}}, {fed(x)}}, ErrorCode::kUnsupportedType, {"-1"}},
      {"nothing", {"Cast", 13, {}, {fed(x)}}, ErrorCode::kUnsupportedType, {"0"}},
  });
}

}  // namespace synsight::test
