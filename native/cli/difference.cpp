// SPDX-License-Identifier: Apache-2.0
#include "native/cli/difference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "core/tensor/convert.h"

namespace synsight::cli {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double element_difference(float expected, float actual) {
  if (expected == actual || (std::isnan(expected) && std::isnan(actual))) return 0;
  const double difference = std::abs(static_cast<double>(expected) - static_cast<double>(actual));
  return std::isfinite(difference) ? difference : kInfinity;
}

// What a difference is measured against.
double scale_of(std::span<const float> elements) {
  double smallest = kInfinity;
  double largest = -kInfinity;
  for (const float element : elements) {
    if (!std::isfinite(element)) continue;
    smallest = std::min(smallest, static_cast<double>(element));
    largest = std::max(largest, static_cast<double>(element));
  }
  if (largest > smallest) return largest - smallest;
  return largest == smallest && largest != 0 ? std::abs(largest) : 1;
}

}  // namespace

Result<double> relative_difference(const TensorView& expected, const TensorView& actual) {
  if (!(expected.shape == actual.shape)) return kInfinity;
  SYNSIGHT_TRY_ASSIGN(const Tensor a, convert(expected, DType::kFloat32));
  SYNSIGHT_TRY_ASSIGN(const Tensor b, convert(actual, DType::kFloat32));
  const std::span<const float> expected_elements = a.as<float>();
  const std::span<const float> actual_elements = b.as<float>();
  double worst = 0;
  for (size_t i = 0; i < expected_elements.size(); ++i) {
    worst = std::max(worst, element_difference(expected_elements[i], actual_elements[i]));
  }
  return worst / scale_of(expected_elements);
}

}  // namespace synsight::cli
