// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

OpCase lrn_case(const char* description, const Shape& shape, int64_t size, double alpha,
                double beta, double bias, DType dtype = DType::kFloat32) {
  const TestTensor x = random_tensor(shape, 1, -4, 4, dtype);
  const double exact_alpha = static_cast<double>(static_cast<float>(alpha));
  const double exact_beta = static_cast<double>(static_cast<float>(beta));
  const TestTensor y = generate(shape, [&](std::span<const int64_t> index) {
    double sum = 0;
    // A window of `size` channels around the own one, the larger half behind it.
    for (int64_t i = 0; i < size; ++i) {
      std::vector<int64_t> other(index.begin(), index.end());
      other[1] += i - (size - 1) / 2;
      const auto position = flat_index(shape, other);
      if (position) sum += x.values[*position] * x.values[*position];
    }
    const double scale = bias + exact_alpha * sum / static_cast<double>(size);
    return element_at(x, index) * std::pow(scale, -exact_beta);
  });
  OpCase op_case{
      description,
      {"LRN", 13, {{"size", size}, {"alpha", alpha}, {"beta", beta}, {"bias", bias}}, {fed(x)}},
      {{y.shape, y.values, dtype}}};
  op_case.accumulation_length = static_cast<size_t>(size) + 8;
  return op_case;
}

}  // namespace

TEST_CASE("LRN divides by the neighbouring channels' energy") {
  OpCase defaults = lrn_case("default attributes", {1, 7, 3, 3}, 3, 1e-4, 0.75, 1);
  defaults.node.opset = 7;
  defaults.node.attributes = {{"size", 3}};
  const OpCase cases[] = {
      std::move(defaults),
      lrn_case("5 of 8 channels", {2, 8, 3, 5}, 5, 0.3, 0.75, 2),
      lrn_case("an even size", {1, 8, 2, 3}, 4, 0.5, 0.5, 1),
      lrn_case("more neighbours than channels", {1, 3, 4, 2}, 9, 0.5, 0.75, 1),
      lrn_case("one channel", {3, 1, 2, 2}, 5, 0.5, 1.5, 1),
      lrn_case("a size of 1", {1, 4, 2, 2}, 1, 0.5, 0.75, 1),
      lrn_case("no batch", {0, 4, 2, 2}, 3, 0.5, 0.75, 1),
      lrn_case("f64", {1, 8, 2, 3}, 5, 0.5, 0.75, 1, DType::kFloat64),
  };
  run_op_cases(cases);
}

TEST_CASE("LRN refuses what it cannot do") {
  const OpErrorCase cases[] = {
      {"no size",
       {"LRN", 13, {}, {fed(random_tensor({1, 3, 2, 2}, 1))}},
       ErrorCode::kInvalidModel,
       {"\"size\" is 0"}},
      {"one dimension",
       {"LRN", 13, {{"size", 3}}, {fed(random_tensor({3}, 1))}},
       ErrorCode::kShapeMismatch,
       {"[3]", "[N,C,...]"}},
  };
  run_op_error_cases(cases);
}

}  // namespace synsight::test
