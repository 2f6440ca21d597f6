// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/depthwise_rows.h"

#include <algorithm>
#include <array>

#include "core/base/simd.h"

namespace synsight::xnnpack::depthwise {

namespace {

using Vector = float __attribute__((vector_size(kLanes * sizeof(float))));

// Outputs side by side that are computed together: each weight that is loaded serves all of them,
// and each pixel those whose windows overlap there.
constexpr size_t kOutputs = 4;

// The weights of so many channels, and the pixels under a row of them, stay in the first-level
// cache.
constexpr size_t kBlockChannels = 128;

/// kOutputs outputs side by side, a block of their channels.
struct Tile {
  size_t num_channels;
  const float* weights;  // of the block's first channel
  size_t first_row;      // of the window's rows, the first and the last that lie in the picture
  size_t end_row;
  float min;
  float max;
  std::array<float*, kOutputs> outputs;  // those that are not wanted lie on the first
};

SYNSIGHT_ALWAYS_INLINE Vector load(const float* from) {
  return *reinterpret_cast<const Vector*>(from);
}

SYNSIGHT_ALWAYS_INLINE void store(const Tile& tile, const std::array<Vector, kOutputs>& sums,
                                  size_t channel) {
  const Vector min = tile.min - Vector{};
  const Vector max = tile.max - Vector{};
  for (size_t i = kOutputs; i-- > 0;) {
    Vector value = sums[i];
    value = value < min ? min : value;
    value = value > max ? max : value;
    *reinterpret_cast<Vector*>(tile.outputs[i] + channel) = value;
  }
}

/// A tile whose windows lie between the picture's left and right edge. `input`: where the first
/// tap of the first window lies; `row_step` and `pixel_step`: floats from a pixel to the one below
/// it and beside it.
template <size_t kKernel, size_t kStride>
void compute_inside(const Tile& tile, const float* input, size_t row_step, size_t pixel_step) {
  constexpr size_t kColumns = (kOutputs - 1) * kStride + kKernel;
  const size_t skipped = tile.first_row * kKernel * kLanes;
  const float* weights = tile.weights;
  for (size_t c = 0; c < tile.num_channels; c += kLanes) {
    std::array<Vector, kOutputs> sums;
    sums.fill(load(weights));
    const float* row_weights = weights + kLanes + skipped;
    weights += kLanes * (1 + kKernel * kKernel);
    const float* row = input + c;
    // Unrolled, it would need more registers than there are.
#pragma clang loop unroll(disable)
    for (size_t y = tile.first_row; y < tile.end_row; ++y, row += row_step) {
      std::array<Vector, kKernel> taps;
      for (Vector& tap : taps) {
        tap = load(row_weights);
        row_weights += kLanes;
      }
      const float* pixel = row;
#pragma clang loop unroll(full)
      for (size_t x = 0; x < kColumns; ++x, pixel += pixel_step) {
        const Vector value = load(pixel);
#pragma clang loop unroll(full)
        for (size_t i = 0; i < kOutputs; ++i) {
          if (x < i * kStride || x >= i * kStride + kKernel) continue;
          sums[i] = multiply_add(value, taps[x - i * kStride], sums[i]);
        }
      }
    }
    store(tile, sums, c);
  }
}

/// For each tap of a window the pixels under it, those of kOutputs outputs.
using Pixels = std::array<std::array<const float*, kOutputs>, kMaxTaps>;

/// Any tile. `num_taps`: of the window; those of the rows that lie in the picture are read.
void compute_anywhere(const Tile& tile, const Pixels& pixels, size_t num_taps, size_t taps_a_row) {
  const size_t first_tap = tile.first_row * taps_a_row;
  const size_t end_tap = tile.end_row * taps_a_row;
  const float* weights = tile.weights;
  for (size_t c = 0; c < tile.num_channels; c += kLanes) {
    std::array<Vector, kOutputs> sums;
    sums.fill(load(weights));
    for (size_t tap = first_tap; tap < end_tap; ++tap) {
      const Vector weight = load(weights + kLanes * (1 + tap));
#pragma clang loop unroll(full)
      for (size_t i = 0; i < kOutputs; ++i) {
        sums[i] = multiply_add(load(pixels[tap][i] + c), weight, sums[i]);
      }
    }
    store(tile, sums, c);
    weights += kLanes * (1 + num_taps);
  }
}

using Inside = void (*)(const Tile&, const float*, size_t, size_t);

/// The function for a window whose taps lie side by side, or null.
Inside find_inside(const Geometry& geometry) {
  const ops::WindowAxis& y = geometry.y;
  const ops::WindowAxis& x = geometry.x;
  if (y.kernel != x.kernel || y.dilation != 1 || x.dilation != 1) return nullptr;
  if (x.kernel == 3 && x.stride == 1) return compute_inside<3, 1>;
  if (x.kernel == 3 && x.stride == 2) return compute_inside<3, 2>;
  if (x.kernel == 5 && x.stride == 1) return compute_inside<5, 1>;
  if (x.kernel == 5 && x.stride == 2) return compute_inside<5, 2>;
  return nullptr;
}

/// Where a tap lies; before the picture's edge, if negative.
int64_t position(const ops::WindowAxis& axis, size_t output, size_t tap) {
  return static_cast<int64_t>(output) * axis.stride + static_cast<int64_t>(tap) * axis.dilation -
         axis.pad_begin;
}

bool is_inside(const ops::WindowAxis& axis, size_t output, size_t tap) {
  const int64_t at = position(axis, output, tap);
  return at >= 0 && at < axis.input;
}

}  // namespace

void pack_weights(size_t num_channels, size_t num_taps, const float* weights, const float* bias,
                  float* packed) {
  for (size_t c = 0; c < num_channels; c += kLanes) {
    for (size_t i = 0; i < kLanes; ++i) *packed++ = bias != nullptr ? bias[c + i] : 0.0f;
    for (size_t tap = 0; tap < num_taps; ++tap) {
      for (size_t i = 0; i < kLanes; ++i) *packed++ = weights[(c + i) * num_taps + tap];
    }
  }
}

void compute_row(const Geometry& geometry, size_t row, const float* input, const float* packed,
                 const float* zeros, const ActivationRange& activation, float* output) {
  const auto& [y, x, num_channels] = geometry;
  const auto rows_a_window = static_cast<size_t>(y.kernel);
  const auto taps_a_row = static_cast<size_t>(x.kernel);
  const auto outputs_a_row = static_cast<size_t>(x.output);
  const size_t num_taps = rows_a_window * taps_a_row;
  const size_t row_step = static_cast<size_t>(x.input) * num_channels;
  const size_t y_output = row % static_cast<size_t>(y.output);
  input += row / static_cast<size_t>(y.output) * static_cast<size_t>(y.input) * row_step;
  output += row * outputs_a_row * num_channels;

  Tile tile;
  tile.min = activation.min;
  tile.max = activation.max;
  tile.first_row = 0;
  tile.end_row = rows_a_window;
  while (tile.first_row < tile.end_row && !is_inside(y, y_output, tile.first_row)) ++tile.first_row;
  while (tile.first_row < tile.end_row && !is_inside(y, y_output, tile.end_row - 1)) --tile.end_row;
  const auto pixel_at = [&](size_t y_tap, int64_t at_x) {
    const int64_t at_y = position(y, y_output, y_tap);
    return input + static_cast<size_t>(at_y) * row_step + static_cast<size_t>(at_x) * num_channels;
  };

  const Inside inside = find_inside(geometry);
  const size_t num_outputs = std::min(kOutputs, outputs_a_row);
  Pixels pixels;
  for (size_t block = 0; block < num_channels; block += kBlockChannels) {
    tile.num_channels = std::min(kBlockChannels, num_channels - block);
    tile.weights = packed + block * (1 + num_taps);
    for (size_t done = 0; done < outputs_a_row; done += kOutputs) {
      // The last tile computes some of its neighbour's outputs a second time.
      const size_t first = std::min(done, outputs_a_row - num_outputs);
      for (size_t i = 0; i < kOutputs; ++i) {
        tile.outputs[i] = output + (first + (i < num_outputs ? i : 0)) * num_channels + block;
      }
      if (inside != nullptr && tile.first_row < tile.end_row && is_inside(x, first, 0) &&
          is_inside(x, first + kOutputs - 1, taps_a_row - 1)) {
        inside(tile, pixel_at(tile.first_row, position(x, first, 0)) + block, row_step,
               num_channels);
        continue;
      }
      for (size_t tap = tile.first_row * taps_a_row; tap < tile.end_row * taps_a_row; ++tap) {
        for (size_t i = 0; i < kOutputs; ++i) {
          const size_t x_tap = tap % taps_a_row;
          pixels[tap][i] = is_inside(x, first + i, x_tap)
                               ? pixel_at(tap / taps_a_row, position(x, first + i, x_tap)) + block
                               : zeros;
        }
      }
      compute_anywhere(tile, pixels, num_taps, taps_a_row);
    }
  }
}

}  // namespace synsight::xnnpack::depthwise
