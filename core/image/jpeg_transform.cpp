// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>

#include "core/image/jpeg_planes.h"

namespace synsight::image {

namespace {

constexpr int kConstantBits = 13;
constexpr int kPassBits = 2;  // fractional bits between the passes

// Vectors of the compiler, eight lanes: the columns in the first pass, the rows in the second.
// Unsigned, because coefficients of damaged files overflow; what is shifted right is signed.
using Lanes = uint32_t __attribute__((vector_size(32)));
using SignedLanes = int32_t __attribute__((vector_size(32)));
using Coefficients = int16_t __attribute__((vector_size(16)));
using Samples = uint8_t __attribute__((vector_size(8)));
using Block = std::array<Lanes, 8>;

constexpr uint32_t fixed(double constant) {
  const double scaled = constant * (1 << kConstantBits);
  return static_cast<uint32_t>(static_cast<int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
}

template <int kShift>
void store_shifted(Lanes& target, const Lanes& value) {
  target = reinterpret_cast<Lanes>(reinterpret_cast<SignedLanes>(value) >> kShift);
}

/// One pass over all lanes: the transform of block[0..7], shifted right by `kShift` with rounding.
template <int kShift>
void transform(Block& block) {
  constexpr uint32_t kRound = 1U << (kShift - 1);
  const Lanes s0 = block[0], s1 = block[1], s2 = block[2], s3 = block[3];
  const Lanes s4 = block[4], s5 = block[5], s6 = block[6], s7 = block[7];

  const Lanes rotated = (s2 + s6) * fixed(0.541196100);
  const Lanes low = rotated - s6 * fixed(1.847759065);
  const Lanes high = rotated + s2 * fixed(0.765366865);
  const Lanes sum = ((s0 + s4) << kConstantBits) + kRound;
  const Lanes difference = ((s0 - s4) << kConstantBits) + kRound;
  const Lanes even0 = sum + high, even3 = sum - high;
  const Lanes even1 = difference + low, even2 = difference - low;

  const Lanes z5 = (s7 + s3 + s5 + s1) * fixed(1.175875602);
  const Lanes z1 = (s7 + s1) * fixed(-0.899976223);
  const Lanes z2 = (s5 + s3) * fixed(-2.562915447);
  const Lanes z3 = (s7 + s3) * fixed(-1.961570560) + z5;
  const Lanes z4 = (s5 + s1) * fixed(-0.390180644) + z5;
  const Lanes odd0 = s1 * fixed(1.501321110) + z1 + z4;
  const Lanes odd1 = s3 * fixed(3.072711026) + z2 + z3;
  const Lanes odd2 = s5 * fixed(2.053119869) + z2 + z4;
  const Lanes odd3 = s7 * fixed(0.298631336) + z1 + z3;

  store_shifted<kShift>(block[0], even0 + odd0);
  store_shifted<kShift>(block[7], even0 - odd0);
  store_shifted<kShift>(block[1], even1 + odd1);
  store_shifted<kShift>(block[6], even1 - odd1);
  store_shifted<kShift>(block[2], even2 + odd2);
  store_shifted<kShift>(block[5], even2 - odd2);
  store_shifted<kShift>(block[3], even3 + odd3);
  store_shifted<kShift>(block[4], even3 - odd3);
}

/// Swaps rows and lanes: of each pair of rows first quarters of four lanes, then of two, then of
/// one.
void transpose(Block& block) {
  for (size_t i = 0; i < 4; ++i) {
    const Lanes a = block[i], b = block[i + 4];
    block[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
    block[i + 4] = __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
  }
  for (const size_t i : {size_t{0}, size_t{1}, size_t{4}, size_t{5}}) {
    const Lanes a = block[i], b = block[i + 2];
    block[i] = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
    block[i + 2] = __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
  }
  for (size_t i = 0; i < 8; i += 2) {
    const Lanes a = block[i], b = block[i + 1];
    block[i] = __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
    block[i + 1] = __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
  }
}

/// Whether all coefficients but the first are 0, as in even areas.
bool is_flat(const int16_t* coefficients) {
  int16_t any = 0;
  for (size_t i = 1; i < 64; ++i) any = static_cast<int16_t>(any | coefficients[i]);
  return any == 0;
}

}  // namespace

void inverse_cosine_transform(uint8_t* output, int stride, const int16_t* coefficients) {
  if (is_flat(coefficients)) {
    const int sample = std::clamp(((coefficients[0] + 4) >> 3) + 128, 0, 255);
    for (ptrdiff_t y = 0; y < 8; ++y) std::memset(output + y * stride, sample, 8);
    return;
  }
  Block block;
  for (size_t y = 0; y < 8; ++y) {
    Coefficients row;
    std::memcpy(&row, coefficients + y * 8, sizeof row);
    block[y] = reinterpret_cast<Lanes>(__builtin_convertvector(row, SignedLanes));
  }
  transform<kConstantBits - kPassBits>(block);
  transpose(block);
  // The samples are 8 times too large, too: each pass leaves out a division by the root of 8.
  transform<kConstantBits + kPassBits + 3>(block);
  transpose(block);
  for (size_t y = 0; y < 8; ++y) {
    SignedLanes samples = reinterpret_cast<SignedLanes>(block[y]) + 128;
    samples = samples < 0 ? SignedLanes{} : samples;
    samples = samples > 255 ? SignedLanes{} + 255 : samples;
    const Samples bytes = __builtin_convertvector(samples, Samples);
    std::memcpy(output + static_cast<ptrdiff_t>(y) * stride, &bytes, sizeof bytes);
  }
}

}  // namespace synsight::image
