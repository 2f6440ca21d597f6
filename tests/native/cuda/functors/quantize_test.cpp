// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/quantize.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/native/cuda/functors/functor_test.h"

namespace synsight::cuda {

namespace {

using test::TestTensor;

/// Scales along one axis of X, or one for all where `axis` is negative.
struct Case {
  Shape shape;
  int axis = -1;
  bool has_zero_point = true;
};

const Case kCases[] = {
    {{61}},       {{2, 3, 5}, 1},        {{2, 3, 8}, 2},      {{2, 3, 12}, 2},
    {{3, 16}, 0}, {{3, 2, 2}, 0, false}, {{4, 7}, -1, false}, {{2, 1, 3, 1, 2, 1, 2, 8}, 7}};

size_t scale_at(const Case& test_case, std::span<const int64_t> index) {
  return test_case.axis < 0 ? 0 : static_cast<size_t>(index[static_cast<size_t>(test_case.axis)]);
}

struct Scales {
  TestTensor scale;
  TestTensor zero_point;
};

Scales scales_of(const Case& test_case, DType quantized) {
  const int64_t count =
      test_case.axis < 0 ? 1 : test_case.shape[static_cast<size_t>(test_case.axis)];
  const bool is_signed = quantized == DType::kInt8;
  Scales scales{test::counting_tensor({count}, 0.25, 0.25),
                test::counting_tensor({count}, is_signed ? -3 : 120, 2, quantized)};
  if (!test_case.has_zero_point) std::fill_n(scales.zero_point.values.begin(), count, 0);
  return scales;
}

template <typename Functor>
void run(const Case& test_case, Functor functor, const Scales& scales, const Tensor& x, Tensor& y) {
  const Tensor scale = test::to_tensor(scales.scale);
  const Tensor zero_point = test::to_tensor(scales.zero_point);
  const ops::Strides dense = ops::row_major_strides(test_case.shape);
  ops::Strides of_scales{};
  if (test_case.axis >= 0) of_scales[static_cast<size_t>(test_case.axis)] = 1;
  functor.space = plan_index_space<4>(test_case.shape, {dense, dense, of_scales, of_scales});
  functor.y = test::elements_of(y);
  functor.x = test::elements_of(x);
  functor.scale = test::elements_of(scale);
  if (test_case.has_zero_point) functor.zero_point = test::elements_of(zero_point);
  test::run_each(functor, functor.space.num_packs());
}

}  // namespace

TEST_CASE("QuantizeLinear rounds halves to even and saturates") {
  for (const Case& test_case : kCases) {
    for (const DType quantized : {DType::kInt8, DType::kUInt8}) {
      for (const DType dtype : test::kStorages) {
        CAPTURE(test_case.shape.to_string());
        CAPTURE(dtype_name(dtype));
        const Scales scales = scales_of(test_case, quantized);
        TestTensor x = test::stored_tensor(test_case.shape, dtype, 12, -90, 90);
        for (double& value : x.values) value = std::round(value * 2) / 8;  // many halves
        TestTensor wanted = test::generate(test_case.shape, [&](std::span<const int64_t> index) {
          const size_t at = scale_at(test_case, index);
          const double level =
              std::nearbyint(test::element_at(x, index) / scales.scale.values[at]) +
              scales.zero_point.values[at];
          return quantized == DType::kInt8 ? std::clamp(level, -128.0, 127.0)
                                           : std::clamp(level, 0.0, 255.0);
        });
        wanted.dtype = quantized;
        Tensor y = test::unwritten(quantized, test_case.shape);
        run(test_case, Quantize{}, scales, test::to_tensor(x), y);
        CHECK(test::difference(y, wanted, 0) == "");
      }
    }
  }
}

TEST_CASE("QuantizeLinear ends at the integers' ends") {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor x = test::to_tensor({{9}, {1e30, -1e30, inf, -inf, nan, 0, 1e3, -1e3, 40}});
  Tensor y = test::unwritten(DType::kInt8, {9});
  const Case test_case{{9}};
  const Scales scales{{{1}, {0.5}}, {{1}, {10}, DType::kInt8}};
  run(test_case, Quantize{}, scales, x, y);
  const TestTensor wanted{{9}, {127, -128, 127, -128, 0, 10, 127, -128, 90}, DType::kInt8};
  CHECK(test::difference(y, wanted, 0) == "");
}

TEST_CASE("DequantizeLinear is right for every axis and storage") {
  for (const Case& test_case : kCases) {
    for (const DType quantized : {DType::kInt8, DType::kUInt8}) {
      for (const DType dtype : test::kStorages) {
        CAPTURE(test_case.shape.to_string());
        CAPTURE(dtype_name(dtype));
        const Scales scales = scales_of(test_case, quantized);
        const double low = quantized == DType::kInt8 ? -128 : 0;
        const TestTensor x = test::random_tensor(test_case.shape, 13, low, low + 256, quantized);
        TestTensor wanted = test::generate(test_case.shape, [&](std::span<const int64_t> index) {
          const size_t at = scale_at(test_case, index);
          const double level = test::element_at(x, index) - scales.zero_point.values[at];
          return std::fmax(-20, level * scales.scale.values[at]);
        });
        wanted.dtype = dtype;
        Tensor y = test::unwritten(dtype, test_case.shape);
        Dequantize dequantize;
        dequantize.clamp.min = -20;
        run(test_case, dequantize, scales, test::to_tensor(x), y);
        CHECK(test::difference(y, wanted, 1) == "");
      }
    }
  }
}

TEST_CASE("QuantizeLinear writes nothing behind the last element") {
  for (const int64_t size : test::kSizes) {
    const Case test_case{{size}};
    const Tensor x = test::to_tensor(test::counting_tensor({size + kPack}));
    Tensor y = test::fenced(DType::kUInt8, size);
    run(test_case, Quantize{}, scales_of(test_case, DType::kUInt8), x, y);
    CHECK(test::is_fence_whole(y, size));
  }
}

}  // namespace synsight::cuda
