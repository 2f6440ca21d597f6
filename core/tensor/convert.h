// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/tensor/tensor.h"

namespace synsight {

/// IEEE 754 binary16 bits to and from f32; rounding to nearest, ties to even.
float float16_to_float(uint16_t bits);
uint16_t float_to_float16(float value);

/// bfloat16 bits (the upper half of an f32) to and from f32; rounding to nearest, ties to even.
float bfloat16_to_float(uint16_t bits);
uint16_t float_to_bfloat16(float value);

/// Writes every element of `source` into `target` as ONNX Cast does: to integers towards zero, to
/// bool as `!= 0`. The shapes must hold the same number of elements; all dtypes are supported.
/// Source: ONNX Cast-13.
void convert_elements(const TensorView& source, const MutableTensorView& target);

/// A copy of `source` as `dtype`. Errors: kOutOfMemory.
Result<Tensor> convert(const TensorView& source, DType dtype);

}  // namespace synsight
