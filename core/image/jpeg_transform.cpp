// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>

#include "core/image/jpeg_planes.h"

namespace synsight::image {

namespace {

constexpr int kConstantBits = 13;
constexpr int kPassBits = 2;  // fractional bits between the passes

// Eight lanes: the columns in the first pass, the rows in the second. Unsigned, because
// coefficients of damaged files overflow; what is shifted right is signed.
using Lanes = std::array<uint32_t, 8>;
using Block = std::array<Lanes, 8>;

constexpr uint32_t fixed(double constant) {
  const double scaled = constant * (1 << kConstantBits);
  return static_cast<uint32_t>(static_cast<int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
}

/// One pass over all lanes: the transform of block[0..7], shifted right by `kShift` with rounding.
template <int kShift>
void transform(Block& block) {
  constexpr uint32_t kRound = 1U << (kShift - 1);
  for (size_t i = 0; i < 8; ++i) {
    const uint32_t s0 = block[0][i], s1 = block[1][i], s2 = block[2][i], s3 = block[3][i];
    const uint32_t s4 = block[4][i], s5 = block[5][i], s6 = block[6][i], s7 = block[7][i];

    const uint32_t rotated = (s2 + s6) * fixed(0.541196100);
    const uint32_t low = rotated - s6 * fixed(1.847759065);
    const uint32_t high = rotated + s2 * fixed(0.765366865);
    const uint32_t sum = ((s0 + s4) << kConstantBits) + kRound;
    const uint32_t difference = ((s0 - s4) << kConstantBits) + kRound;
    const uint32_t even0 = sum + high, even3 = sum - high;
    const uint32_t even1 = difference + low, even2 = difference - low;

    const uint32_t z5 = (s7 + s3 + s5 + s1) * fixed(1.175875602);
    const uint32_t z1 = (s7 + s1) * fixed(-0.899976223);
    const uint32_t z2 = (s5 + s3) * fixed(-2.562915447);
    const uint32_t z3 = (s7 + s3) * fixed(-1.961570560) + z5;
    const uint32_t z4 = (s5 + s1) * fixed(-0.390180644) + z5;
    const uint32_t odd0 = s1 * fixed(1.501321110) + z1 + z4;
    const uint32_t odd1 = s3 * fixed(3.072711026) + z2 + z3;
    const uint32_t odd2 = s5 * fixed(2.053119869) + z2 + z4;
    const uint32_t odd3 = s7 * fixed(0.298631336) + z1 + z3;

    const auto scaled = [](uint32_t value) {
      return static_cast<uint32_t>(static_cast<int32_t>(value) >> kShift);
    };
    block[0][i] = scaled(even0 + odd0);
    block[7][i] = scaled(even0 - odd0);
    block[1][i] = scaled(even1 + odd1);
    block[6][i] = scaled(even1 - odd1);
    block[2][i] = scaled(even2 + odd2);
    block[5][i] = scaled(even2 - odd2);
    block[3][i] = scaled(even3 + odd3);
    block[4][i] = scaled(even3 - odd3);
  }
}

Block transpose(const Block& block) {
  Block result;
  for (size_t y = 0; y < 8; ++y) {
    for (size_t x = 0; x < 8; ++x) result[x][y] = block[y][x];
  }
  return result;
}

uint8_t to_sample(int32_t value) { return static_cast<uint8_t>(std::clamp(value + 128, 0, 255)); }

/// Whether all coefficients but the first are 0, as in even areas.
bool is_flat(const int16_t* coefficients) {
  int16_t any = 0;
  for (size_t i = 1; i < 64; ++i) any = static_cast<int16_t>(any | coefficients[i]);
  return any == 0;
}

}  // namespace

void inverse_cosine_transform(uint8_t* output, int stride, const int16_t* coefficients) {
  if (is_flat(coefficients)) {
    const uint8_t sample = to_sample((coefficients[0] + 4) >> 3);
    for (int y = 0; y < 8; ++y) std::memset(output + y * stride, sample, 8);
    return;
  }
  Block block;
  for (size_t y = 0; y < 8; ++y) {
    for (size_t x = 0; x < 8; ++x) {
      block[y][x] = static_cast<uint32_t>(static_cast<int32_t>(coefficients[y * 8 + x]));
    }
  }
  transform<kConstantBits - kPassBits>(block);
  block = transpose(block);
  // The samples are 8 times too large, too: each pass leaves out a division by the root of 8.
  transform<kConstantBits + kPassBits + 3>(block);
  block = transpose(block);
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 8; ++x) {
      output[y * stride + x] =
          to_sample(static_cast<int32_t>(block[static_cast<size_t>(y)][static_cast<size_t>(x)]));
    }
  }
}

}  // namespace synsight::image
