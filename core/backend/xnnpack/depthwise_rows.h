// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/graph/graph.h"
#include "core/ops/window.h"

namespace synsight::xnnpack::depthwise {

/// Channels are handled in vectors of this many, so their number must be a multiple.
inline constexpr size_t kLanes = 4;

/// Windows of more taps than this are not taken.
inline constexpr size_t kMaxTaps = 81;

/// A convolution of each channel with a filter of its own, over pixels that lie channels last.
struct Geometry {
  ops::WindowAxis y;
  ops::WindowAxis x;
  size_t num_channels = 0;  // C
};

/// `weights` [C,taps] and `bias` [C] or null -> `packed` [C/4, 1 + taps, 4], the bias first.
void pack_weights(size_t num_channels, size_t num_taps, const float* weights, const float* bias,
                  float* packed);

/// Computes row `row` of the rows of all pictures, N * oH, from `input` (N H W C) into `output`
/// (N oH oW C), and clamps. `packed`: what pack_weights gave. `zeros`: C zeros, for what lies in
/// the padding.
void compute_row(const Geometry& geometry, size_t row, const float* input, const float* packed,
                 const float* zeros, const ActivationRange& activation, float* output);

}  // namespace synsight::xnnpack::depthwise
