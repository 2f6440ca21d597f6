// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/ops/moments.h"

namespace synsight::xnnpack {

/// ops::moments_of many f32 elements.
ops::Moments compute_moments(size_t count, const float* x, double epsilon);

/// y[i] = (x[i] - mean) * inverse deviation * scale[i] + bias[i]; a null `bias` is 0.
void normalize(size_t count, const float* x, const ops::Moments& moments, const float* scale,
               const float* bias, float* y);

/// The same with one scale and one bias for all.
void normalize(size_t count, const float* x, const ops::Moments& moments, float scale, float bias,
               float* y);

}  // namespace synsight::xnnpack
