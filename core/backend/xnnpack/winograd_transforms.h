// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/graph/graph.h"

namespace synsight::xnnpack::winograd {

/// Winograd's minimal filtering F(4x4, 3x3): a 3x3 convolution of stride 1 computes 4x4 outputs
/// from a 6x6 input patch with 36 multiplications a channel pair in place of 144. Each of the 36 is
/// one matrix product over the channels. Source: A. Lavin and S. Gray, "Fast Algorithms for
/// Convolutional Neural Networks", 2015, with the interpolation points 0, +-2/3, +-3/2 and
/// infinity, whose f32 error is that of the direct sum (the usual 0, +-1, +-2 lose 2.5 times as
/// much).
inline constexpr size_t kTile = 4;
inline constexpr size_t kPatch = 6;
inline constexpr size_t kNumProducts = kPatch * kPatch;

/// Channels are handled in vectors of this many, so their number must be a multiple.
inline constexpr size_t kChannelStep = 16;

/// The geometry of one convolution: tiles count row by row through all pictures.
struct Tiles {
  size_t height = 0;  // of the input
  size_t width = 0;
  size_t output_height = 0;
  size_t output_width = 0;
  size_t pad_top = 0;
  size_t pad_left = 0;
  size_t num_channels = 0;  // C
  size_t num_filters = 0;   // M
  size_t chunk = 0;         // filters of one matrix product; divides M

  size_t rows() const { return (output_height + kTile - 1) / kTile; }
  size_t columns() const { return (output_width + kTile - 1) / kTile; }
};

/// Transforms 3x3 filters: `weights` [M,C,3,3] -> `transformed` [36,M/chunk,C,chunk]. Computed in
/// double.
void transform_filters(const float* weights, size_t num_filters, size_t num_channels, size_t chunk,
                       float* transformed);

/// Transforms the patch of tile `tile` of `input` (N H W C) into row `row` of `patches`
/// [36,num_rows,C]. `zeros` holds C zeros, for what lies in the padding.
void transform_input(const Tiles& tiles, size_t tile, const float* input, const float* zeros,
                     float* patches, size_t row, size_t num_rows);

/// Transforms row `row` of `products` [36,M/chunk,num_rows,chunk] back into tile `tile` of `output`
/// (N H W M), adds `bias` [M] and clamps.
void transform_output(const Tiles& tiles, size_t tile, const float* products, size_t row,
                      size_t num_rows, const float* bias, const ActivationRange& activation,
                      float* output);

}  // namespace synsight::xnnpack::winograd
