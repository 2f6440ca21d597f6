// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/tensor/tensor.h"

namespace synsight::cli {

/// The largest difference of two tensors' elements as a part of the range (maximum - minimum) of
/// `expected`, or of its magnitude where all its elements are equal. Infinite where the shapes
/// differ or only one of two elements is a number. Elements of every dtype are compared as f32.
/// Errors: kOutOfMemory.
Result<double> relative_difference(const TensorView& expected, const TensorView& actual);

}  // namespace synsight::cli
