// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/winograd_transforms.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/simd.h"

namespace synsight::xnnpack::winograd {

namespace {

// The finite interpolation points are 0, A, -A, B, -B. With A * B = 1 the polynomials that vanish
// at the others have only the coefficients below.
constexpr double kA = 2.0 / 3.0;
constexpr double kB = 3.0 / 2.0;
constexpr auto kAf = static_cast<float>(kA);
constexpr auto kBf = static_cast<float>(kB);
constexpr auto kA2 = static_cast<float>(kA * kA);
constexpr auto kB2 = static_cast<float>(kB * kB);
constexpr auto kA3 = static_cast<float>(kA * kA * kA);
constexpr auto kB3 = static_cast<float>(kB * kB * kB);
constexpr auto kSquares = static_cast<float>(kA * kA + kB * kB);

using Vector = float __attribute__((vector_size(kChannelStep * sizeof(float))));

SYNSIGHT_ALWAYS_INLINE const Vector& load(const float* from) {
  return *reinterpret_cast<const Vector*>(from);
}

/// One column of the input transform: in[0], in[step], ... -> out[0], out[step], ...
SYNSIGHT_ALWAYS_INLINE void transform_patch_line(const Vector* in, Vector* out, size_t step) {
  const Vector d0 = in[0];
  const Vector d1 = in[step];
  const Vector d2 = in[2 * step];
  const Vector d3 = in[3 * step];
  const Vector d4 = in[4 * step];
  const Vector d5 = in[5 * step];
  const Vector even_a = d4 - kB2 * d2;
  const Vector odd_a = kAf * d3 - kBf * d1;  // A * (d3 - B^2 d1), as A * B = 1
  const Vector even_b = d4 - kA2 * d2;
  const Vector odd_b = kBf * d3 - kAf * d1;
  out[0] = d0 - kSquares * d2 + d4;
  out[step] = even_a + odd_a;
  out[2 * step] = even_a - odd_a;
  out[3 * step] = even_b + odd_b;
  out[4 * step] = even_b - odd_b;
  out[5 * step] = d1 - kSquares * d3 + d5;
}

/// One column of the output transform: six products -> four outputs.
SYNSIGHT_ALWAYS_INLINE void transform_tile_line(const Vector* in, size_t in_step, Vector* out,
                                                size_t out_step) {
  const Vector sum_a = in[in_step] + in[2 * in_step];
  const Vector difference_a = in[in_step] - in[2 * in_step];
  const Vector sum_b = in[3 * in_step] + in[4 * in_step];
  const Vector difference_b = in[3 * in_step] - in[4 * in_step];
  out[0] = in[0] + sum_a + sum_b;
  out[out_step] = kAf * difference_a + kBf * difference_b;
  out[2 * out_step] = kA2 * sum_a + kB2 * sum_b;
  out[3 * out_step] = kA3 * difference_a + kB3 * difference_b + in[5 * in_step];
}

struct InputJob {
  std::array<const float*, kNumProducts> pixels;  // of the patch, row by row
  size_t num_channels;
  float* products;  // [36,stride]
  size_t stride;
};

SYNSIGHT_ALWAYS_INLINE void input_body(const InputJob& job) {
  Vector rows[kNumProducts];
  Vector patch[kNumProducts];
  for (size_t c = 0; c < job.num_channels; c += kChannelStep) {
    for (size_t y = 0; y < kPatch; ++y) {
      Vector line[kPatch];
      for (size_t x = 0; x < kPatch; ++x) line[x] = load(job.pixels[y * kPatch + x] + c);
      transform_patch_line(line, rows + y * kPatch, 1);
    }
    for (size_t x = 0; x < kPatch; ++x) transform_patch_line(rows + x, patch + x, kPatch);
    for (size_t i = 0; i < kNumProducts; ++i) {
      *reinterpret_cast<Vector*>(job.products + i * job.stride + c) = patch[i];
    }
  }
}

struct OutputJob {
  const float* products;  // [36,stride]
  size_t stride;
  size_t num_filters;
  const float* bias;
  float min;
  float max;
  std::array<float*, kTile * kTile> pixels;  // null where the tile reaches over the picture's edge
};

SYNSIGHT_ALWAYS_INLINE void output_body(const OutputJob& job) {
  Vector in[kNumProducts];
  Vector rows[kTile * kPatch];
  Vector out[kTile * kTile];
  const Vector min = job.min - Vector{};
  const Vector max = job.max - Vector{};
  for (size_t m = 0; m < job.num_filters; m += kChannelStep) {
    for (size_t i = 0; i < kNumProducts; ++i) in[i] = load(job.products + i * job.stride + m);
    for (size_t x = 0; x < kPatch; ++x) transform_tile_line(in + x, kPatch, rows + x, kPatch);
    for (size_t y = 0; y < kTile; ++y)
      transform_tile_line(rows + y * kPatch, 1, out + y * kTile, 1);
    const Vector bias = load(job.bias + m);
    for (size_t i = 0; i < kTile * kTile; ++i) {
      if (job.pixels[i] == nullptr) continue;
      Vector value = out[i] + bias;
      value = value < min ? min : value;
      value = value > max ? max : value;
      *reinterpret_cast<Vector*>(job.pixels[i] + m) = value;
    }
  }
}

SYNSIGHT_TARGET_AVX512 void input_avx512(const InputJob& job) { input_body(job); }
SYNSIGHT_TARGET_AVX2 void input_avx2(const InputJob& job) { input_body(job); }
void input_baseline(const InputJob& job) { input_body(job); }

SYNSIGHT_TARGET_AVX512 void output_avx512(const OutputJob& job) { output_body(job); }
SYNSIGHT_TARGET_AVX2 void output_avx2(const OutputJob& job) { output_body(job); }
void output_baseline(const OutputJob& job) { output_body(job); }

struct Transforms {
  void (*input)(const InputJob&);
  void (*output)(const OutputJob&);
};

const Transforms& transforms() {
  static const Transforms chosen = [] {
    switch (simd_level()) {
      case SimdLevel::kAvx512:
        return Transforms{input_avx512, output_avx512};
      case SimdLevel::kAvx2:
        return Transforms{input_avx2, output_avx2};
      case SimdLevel::kBaseline:
        break;
    }
    return Transforms{input_baseline, output_baseline};
  }();
  return chosen;
}

/// Where a tile begins in the output.
struct TileOrigin {
  size_t picture;
  size_t y;
  size_t x;
};

TileOrigin origin_of(const Tiles& tiles, size_t tile) {
  const size_t column = tile % tiles.columns();
  const size_t row = tile / tiles.columns();
  return {row / tiles.rows(), row % tiles.rows() * kTile, column * kTile};
}

/// G, the filters' transform: row p holds p^0, p^1, p^2 over the product of p's distances to the
/// other points.
std::array<std::array<double, 3>, kPatch> filter_matrix() {
  constexpr std::array<double, kPatch - 1> kPoints = {0, kA, -kA, kB, -kB};
  std::array<std::array<double, 3>, kPatch> matrix{};
  for (size_t i = 0; i < kPoints.size(); ++i) {
    double distances = 1;
    for (size_t j = 0; j < kPoints.size(); ++j) {
      if (j != i) distances *= kPoints[i] - kPoints[j];
    }
    matrix[i] = {1 / distances, kPoints[i] / distances, kPoints[i] * kPoints[i] / distances};
  }
  matrix[kPatch - 1] = {0, 0, 1};
  return matrix;
}

}  // namespace

void transform_filters(const float* weights, size_t num_filters, size_t num_channels, size_t chunk,
                       float* transformed) {
  const auto matrix = filter_matrix();
  for (size_t c = 0; c < num_channels; ++c) {
    for (size_t m = 0; m < num_filters; ++m) {
      const float* filter = weights + (m * num_channels + c) * 9;
      double rows[kPatch][3] = {};
      for (size_t i = 0; i < kPatch; ++i) {
        for (size_t x = 0; x < 3; ++x) {
          for (size_t y = 0; y < 3; ++y) rows[i][x] += matrix[i][y] * filter[y * 3 + x];
        }
      }
      float* target = transformed + (m / chunk * num_channels + c) * chunk + m % chunk;
      for (size_t i = 0; i < kPatch; ++i) {
        for (size_t j = 0; j < kPatch; ++j) {
          double sum = 0;
          for (size_t x = 0; x < 3; ++x) sum += rows[i][x] * matrix[j][x];
          target[(i * kPatch + j) * num_channels * num_filters] = static_cast<float>(sum);
        }
      }
    }
  }
}

void transform_input(const Tiles& tiles, size_t tile, const float* input, const float* zeros,
                     float* patches, size_t row, size_t num_rows) {
  const TileOrigin origin = origin_of(tiles, tile);
  const size_t num_channels = tiles.num_channels;
  InputJob job{{}, num_channels, patches + row * num_channels, num_rows * num_channels};
  const float* picture = input + origin.picture * tiles.height * tiles.width * num_channels;
  for (size_t i = 0; i < kNumProducts; ++i) {
    // Above or left of the picture the difference wraps round to a huge number, which is outside.
    const size_t y = origin.y + i / kPatch - tiles.pad_top;
    const size_t x = origin.x + i % kPatch - tiles.pad_left;
    const bool is_inside = y < tiles.height && x < tiles.width;
    job.pixels[i] = is_inside ? picture + (y * tiles.width + x) * num_channels : zeros;
  }
  transforms().input(job);
}

void transform_output(const Tiles& tiles, size_t tile, const float* products, size_t row,
                      size_t num_rows, const float* bias, const ActivationRange& activation,
                      float* output) {
  const TileOrigin origin = origin_of(tiles, tile);
  float* picture =
      output + origin.picture * tiles.output_height * tiles.output_width * tiles.num_filters;
  for (size_t first = 0; first < tiles.num_filters; first += tiles.chunk) {
    OutputJob job{products + first * num_rows + row * tiles.chunk,
                  num_rows * tiles.num_filters,
                  tiles.chunk,
                  bias + first,
                  activation.min,
                  activation.max,
                  {}};
    for (size_t i = 0; i < kTile * kTile; ++i) {
      const size_t y = origin.y + i / kTile;
      const size_t x = origin.x + i % kTile;
      const bool is_inside = y < tiles.output_height && x < tiles.output_width;
      job.pixels[i] =
          is_inside ? picture + (y * tiles.output_width + x) * tiles.num_filters + first : nullptr;
    }
    transforms().output(job);
  }
}

}  // namespace synsight::xnnpack::winograd
