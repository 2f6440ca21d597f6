// SPDX-License-Identifier: Apache-2.0
#include "tests/support/compare.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "core/base/text.h"

namespace synsight::test {

double tolerance(size_t accumulation_length, DType dtype, double magnitude) {
  double epsilon = 0;
  if (dtype == DType::kFloat32)
    epsilon = static_cast<double>(std::numeric_limits<float>::epsilon());
  if (dtype == DType::kFloat16) epsilon = 0x1p-10;
  if (dtype == DType::kBFloat16) epsilon = 0x1p-7;
  if (dtype == DType::kFloat64) epsilon = std::numeric_limits<double>::epsilon();
  return static_cast<double>(accumulation_length) * epsilon * magnitude;
}

double max_magnitude(std::span<const double> values) {
  double magnitude = 0;
  for (const double value : values) {
    if (std::isfinite(value)) magnitude = std::max(magnitude, std::abs(value));
  }
  return magnitude;
}

namespace {

std::string exact_text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.9g", value);
  return buffer;
}

double difference(double found, double wanted) {
  if (found == wanted || (std::isnan(found) && std::isnan(wanted))) return 0;
  const double distance = std::abs(found - wanted);
  return std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance;
}

std::string compare_elements(std::span<const double> found, std::span<const double> wanted,
                             const Shape& shape, double allowed) {
  size_t num_off = 0;
  size_t worst = 0;
  double worst_difference = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double distance = difference(found[i], wanted[i]);
    if (distance > allowed) ++num_off;
    if (distance > worst_difference) {
      worst_difference = distance;
      worst = i;
    }
  }
  if (num_off == 0) return {};
  return concat({"worst at ", position_text(shape, worst), ": found ", exact_text(found[worst]),
                 ", wanted ", exact_text(wanted[worst]), ", off by ", worst_difference,
                 ", allowed ", allowed, "; ", num_off, " of ", wanted.size(), " elements are off"});
}

std::string compare(const TensorView& found, DType dtype, const Shape& shape,
                    std::span<const double> wanted, double allowed) {
  if (found.dtype != dtype) {
    return concat({"found element type ", dtype_name(found.dtype), ", wanted ", dtype_name(dtype)});
  }
  if (found.shape != shape) {
    return concat({"found shape ", found.shape.to_string(), ", wanted ", shape.to_string()});
  }
  return compare_elements(to_doubles(found), wanted, shape, allowed);
}

}  // namespace

std::string mismatch(const TensorView& found, const TensorView& wanted, double allowed) {
  return compare(found, wanted.dtype, wanted.shape, to_doubles(wanted), allowed);
}

std::string mismatch(const TensorView& found, const TestTensor& wanted, double allowed) {
  return compare(found, wanted.dtype, wanted.shape, wanted.values, allowed);
}

}  // namespace synsight::test
