// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/pow_integers.h"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "tests/native/cuda/functors/functor_test.h"

namespace synsight::cuda {

namespace {

/// [2,3] to the power of [3], which broadcasts.
template <typename T>
std::string difference(const std::vector<double>& bases, const std::vector<double>& exponents,
                       DType exponent_dtype, const std::vector<double>& wanted) {
  const Tensor a = test::to_tensor({{2, 3}, bases, dtype_of<T>});
  const Tensor b = test::to_tensor({{3}, exponents, exponent_dtype});
  Tensor y = test::unwritten(dtype_of<T>, {2, 3});
  PowIntegers<T> functor;
  functor.space = plan_index_space<3>({2, 3}, {ops::Strides{3, 1}, {3, 1}, {0, 1}});
  functor.y = static_cast<T*>(y.data());
  functor.a = static_cast<const T*>(a.data());
  functor.b = test::elements_of(b);
  functor.has_integer_exponents = exponent_dtype != DType::kFloat32;
  test::run_each(functor, 6);
  return test::difference(y, {{2, 3}, wanted, dtype_of<T>}, 0);
}

template <typename T>
void check() {
  CHECK(difference<T>({2, 3, 5, 0, 1, 9}, {3, 2, 0}, DType::kInt64, {8, 9, 1, 0, 1, 1}) == "");
  CHECK(difference<T>({2, 3, 4, 0, 1, 9}, {3, 2, 0.5}, DType::kFloat32, {8, 9, 2, 0, 1, 3}) == "");
}

}  // namespace

TEST_CASE("integers of every type to the power of integers and floats") {
  check<int8_t>();
  check<uint8_t>();
  check<int32_t>();
  check<int64_t>();
}

TEST_CASE("a negative exponent gives what is left of a fraction") {
  CHECK(difference<int32_t>({2, -1, -1, 1, 1, 1}, {-1, -3, -2}, DType::kInt32,
                            {0, -1, 1, 1, 1, 1}) == "");
}

TEST_CASE("powers of integers wrap around, and others end at what the type holds") {
  CHECK(integer_power(2, 63) == std::numeric_limits<int64_t>::min());
  CHECK(integer_power(2, 64) == 0);
  CHECK(integer_power(-3, 3) == -27);
  CHECK(difference<int8_t>({2, 2, 2, 3, 3, 3}, {7, 8, 6}, DType::kInt8,
                           {-128, 0, 64, -117, -95, -39}) == "");
  CHECK(difference<int8_t>({2, -2, 0, 0, 0, -4}, {8, 9, -1}, DType::kFloat32,
                           {127, -128, 127, 0, 0, 0}) == "");
  CHECK(to_integer(1e30, range_of(DType::kInt64)) == std::numeric_limits<int64_t>::max());
  CHECK(to_integer(std::numeric_limits<double>::quiet_NaN(), range_of(DType::kInt32)) == 0);
}

}  // namespace synsight::cuda
