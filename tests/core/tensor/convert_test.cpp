// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/convert.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/test_tensor.h"

namespace synsight::test {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A 16-bit float as IEEE 754 describes it: a sign, an exponent and a mantissa.
struct Format {
  const char* name;
  int num_mantissa_bits;
  int bias;
  float (*widen)(uint16_t bits);
  uint16_t (*narrow)(float value);

  uint16_t infinity() const {
    return static_cast<uint16_t>(((1 << (15 - num_mantissa_bits)) - 1) << num_mantissa_bits);
  }

  /// What the bits mean, in doubles.
  double value(uint16_t bits) const {
    const int mantissa = bits & ((1 << num_mantissa_bits) - 1);
    const int exponent = (bits & 0x7fff) >> num_mantissa_bits;
    const double sign = (bits & 0x8000) != 0 ? -1 : 1;
    if ((bits & 0x7fff) > infinity()) return kNaN;
    if ((bits & 0x7fff) == infinity()) return sign * kInfinity;
    const bool is_normal = exponent != 0;
    const int significand = mantissa + (is_normal ? 1 << num_mantissa_bits : 0);
    return sign * std::ldexp(significand, (is_normal ? exponent : 1) - bias - num_mantissa_bits);
  }
};

const Format kFormats[] = {
    {"float16", 10, 15, float16_to_float, float_to_float16},
    {"bfloat16", 7, 127, bfloat16_to_float, float_to_bfloat16},
};

struct CastCase {
  DType from;
  std::vector<double> x;
  DType to;
  std::vector<double> y;
};

const CastCase kCastCases[] = {
    {DType::kFloat32, {1e10, -1e10, kNaN, 127.9}, DType::kInt8, {127, -128, 0, 127}},
    {DType::kFloat32, {-1, 300, kInfinity}, DType::kUInt8, {0, 255, 255}},
    {DType::kFloat64, {3e9, -3e9, -0.9}, DType::kInt32, {2147483647, -2147483648.0, 0}},
    {DType::kFloat64, {0x1p70, -0x1p70}, DType::kInt64, {0x1p63, -0x1p63}},
    {DType::kInt64, {0x1p33 + 7, -1}, DType::kInt32, {7, -1}},
    {DType::kInt32, {-1}, DType::kUInt64, {0x1p64}},
    {DType::kFloat16, {0.25, -2}, DType::kBFloat16, {0.25, -2}},
    {DType::kUInt16, {65535}, DType::kFloat16, {kInfinity}},
    {DType::kBFloat16, {0, -0.0, 3}, DType::kBool, {0, 0, 1}},
};

}  // namespace

TEST_CASE("every 16-bit float widens to its value") {
  for (const Format& format : kFormats) {
    CAPTURE(format.name);
    int num_wrong = 0;
    for (uint32_t bits = 0; bits < 0x10000; ++bits) {
      const double wanted = format.value(static_cast<uint16_t>(bits));
      const auto found = static_cast<double>(format.widen(static_cast<uint16_t>(bits)));
      const bool is_equal = std::isnan(wanted)
                                ? std::isnan(found)
                                : found == wanted && std::signbit(found) == std::signbit(wanted);
      num_wrong += !is_equal;
    }
    CHECK(num_wrong == 0);
  }
}

TEST_CASE("every 16-bit float comes back from f32, NaN as NaN") {
  for (const Format& format : kFormats) {
    CAPTURE(format.name);
    int num_wrong = 0;
    for (uint32_t bits = 0; bits < 0x10000; ++bits) {
      const auto half = static_cast<uint16_t>(bits);
      const uint16_t back = format.narrow(format.widen(half));
      const bool is_nan = (half & 0x7fff) > format.infinity();
      num_wrong += is_nan ? (back & 0x7fff) <= format.infinity() : back != half;
    }
    CHECK(num_wrong == 0);
  }
}

TEST_CASE("f32 between two 16-bit floats rounds to the nearer, a tie to the even one") {
  for (const Format& format : kFormats) {
    CAPTURE(format.name);
    int num_wrong = 0;
    for (uint16_t low = 0; low + 1 < format.infinity(); ++low) {
      const auto high = static_cast<uint16_t>(low + 1);
      const auto middle = static_cast<float>((format.value(low) + format.value(high)) / 2);
      const uint16_t even = low % 2 == 0 ? low : high;
      for (const uint16_t sign : {uint16_t{0}, uint16_t{0x8000}}) {
        const float factor = sign != 0 ? -1.0f : 1.0f;
        const auto narrowed = [&](float value) { return format.narrow(factor * value); };
        num_wrong += narrowed(middle) != (even | sign);
        num_wrong += narrowed(std::nextafter(middle, 0.0f)) != (low | sign);
        num_wrong += narrowed(std::nextafter(middle, std::numeric_limits<float>::infinity())) !=
                     (high | sign);
      }
    }
    CHECK(num_wrong == 0);
  }
}

TEST_CASE("an array of float16 is widened as each of its elements is") {
  std::vector<uint16_t> bits(65536 + 3);  // no whole number of vectors
  std::iota(bits.begin(), bits.end(), uint16_t{0});
  const Shape shape{static_cast<int64_t>(bits.size())};
  const Tensor wide = expect(convert({DType::kFloat16, shape, bits.data()}, DType::kFloat32));
  const auto widened = wide.view().as<float>();
  int num_wrong = 0;
  for (size_t i = 0; i < bits.size(); ++i) {
    num_wrong +=
        std::bit_cast<uint32_t>(widened[i]) != std::bit_cast<uint32_t>(float16_to_float(bits[i]));
  }
  CHECK(num_wrong == 0);
}

TEST_CASE("f32 beyond the largest 16-bit float becomes infinite") {
  CHECK(float_to_float16(65519.996f) == 0x7bff);
  CHECK(float_to_float16(65520.0f) == 0x7c00);
  CHECK(float_to_float16(-1e30f) == 0xfc00);
  CHECK(float_to_bfloat16(std::numeric_limits<float>::max()) == 0x7f80);
  CHECK(float_to_bfloat16(std::bit_cast<float>(0x7f7f7fffu)) == 0x7f7f);
}

TEST_CASE("converting between element types truncates, wraps and saturates") {
  for (const CastCase& c : kCastCases) {
    const Shape shape{static_cast<int64_t>(c.x.size())};
    const Tensor source = to_tensor({shape, c.x, c.from});
    const Tensor converted = expect(convert(source.view(), c.to));
    CAPTURE(dtype_name(c.from));
    CAPTURE(dtype_name(c.to));
    CHECK(mismatch(converted.view(), {shape, c.y, c.to}, 0) == "");
  }
}

}  // namespace synsight::test
