// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace synsight::xnnpack {

/// y[i] = erf(x[i]), to 4e-7 of it. NaN stays NaN.
void compute_erf(size_t count, const float* x, float* y);

/// y[i] = x[i] / 2 * (1 + erf(x[i] / sqrt(2))).
void compute_gelu(size_t count, const float* x, float* y);

}  // namespace synsight::xnnpack
