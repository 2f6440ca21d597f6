// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/tensor.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tests/support/expect.h"

namespace synsight::test {

TEST_CASE("every element type has its size and a name of its own") {
  struct Case {
    DType dtype;
    size_t size;
  };
  const Case cases[] = {{DType::kUndefined, 0}, {DType::kFloat32, 4}, {DType::kFloat16, 2},
                        {DType::kBFloat16, 2},  {DType::kFloat64, 8}, {DType::kInt8, 1},
                        {DType::kInt16, 2},     {DType::kInt32, 4},   {DType::kInt64, 8},
                        {DType::kUInt8, 1},     {DType::kUInt16, 2},  {DType::kUInt32, 4},
                        {DType::kUInt64, 8},    {DType::kBool, 1}};
  std::set<std::string_view> names;
  for (const Case& c : cases) {
    CHECK(dtype_size(c.dtype) == c.size);
    names.insert(dtype_name(c.dtype));
  }
  CHECK(names.size() == std::size(cases));
  CHECK(dtype_name(DType::kFloat32) == "float32");
}

TEST_CASE("a tensor owns aligned elements") {
  Tensor tensor = expect(Tensor::allocate(DType::kInt16, {3, 5}));
  CHECK(tensor.exists());
  CHECK(tensor.size_bytes() == 30);
  CHECK(tensor.as<int16_t>().size() == 15);
  CHECK(reinterpret_cast<uintptr_t>(tensor.data()) % kBufferAlignment == 0);
  CHECK(!Tensor().exists());
  CHECK(expect(Tensor::allocate(DType::kFloat32, {0, 4})).size_bytes() == 0);
}

TEST_CASE("a copy has its own elements") {
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  Tensor original = expect(Tensor::from<float>({2, 3}, values));
  Tensor copy = expect(Tensor::copy(original.view()));
  original.as<float>()[0] = 9;
  CHECK(copy.as<float>()[0] == 1);
  CHECK(copy.shape().to_string() == "[2,3]");
  copy.set_shape({6});
  CHECK(copy.as<float>()[5] == 6);
}

TEST_CASE("a tensor that cannot be had is an error") {
  constexpr auto kElements = static_cast<int64_t>(SIZE_MAX / sizeof(double) - 1000);
  const auto too_large = Tensor::allocate(DType::kFloat64, {kElements});
  CHECK(!too_large.has_value());
  if (!too_large) CHECK(error_code_name(too_large.error().code) == "out_of_memory");
  const auto unknown = Tensor::allocate(DType::kFloat32, {2, -1});
  CHECK(!unknown.has_value());
  if (!unknown) CHECK(error_code_name(unknown.error().code) == "shape_mismatch");
}

}  // namespace synsight::test
