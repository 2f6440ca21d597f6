// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/base/result.h"
#include "core/tensor/tensor.h"

namespace synsight::cli {

/// The tensor in the bytes of a .npy file, format versions 1.0, 2.0 and 3.0: little-endian, C
/// order, booleans, integers and floats. Errors: kInvalidArgument for a damaged file,
/// kUnsupportedType for another element type, byte order or element order, each by name. Source:
/// numpy.lib.format.
Result<Tensor> parse_npy(std::span<const std::byte> bytes);

/// The header of a .npy file (version 1.0) whose elements follow it. Errors: kUnsupportedType for
/// bfloat16, which NumPy does not have.
Result<std::string> npy_header(DType dtype, const Shape& shape);

}  // namespace synsight::cli
