// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "core/tensor/tensor.h"
#include "tests/support/test_tensor.h"

namespace synsight::test {

/// How far a computed element may be from its true value: `accumulation_length` roundings of
/// `dtype` at the size of `magnitude`. A length of 0, or an integer type, means: exactly equal.
double tolerance(size_t accumulation_length, DType dtype, double magnitude);

/// The largest finite absolute value.
double max_magnitude(std::span<const double> values);

/// Empty where the dtypes and shapes are equal and each element of `found` is within `allowed` of
/// that of `wanted` (NaN equals NaN); otherwise what differs: the worst index and both values.
std::string mismatch(const TensorView& found, const TensorView& wanted, double allowed);
std::string mismatch(const TensorView& found, const TestTensor& wanted, double allowed);

}  // namespace synsight::test
