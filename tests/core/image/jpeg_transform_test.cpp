// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/image/jpeg_planes.h"

namespace synsight::image {

namespace {

using Coefficients = std::array<int16_t, 64>;
using Samples = std::array<uint8_t, 64>;

/// The definition, in double precision.
double inverse_cosine(const Coefficients& coefficients, int x, int y) {
  double sum = 0;
  for (int v = 0; v < 8; ++v) {
    for (int u = 0; u < 8; ++u) {
      const double scale = (u == 0 ? std::sqrt(0.5) : 1) * (v == 0 ? std::sqrt(0.5) : 1) / 4;
      sum += scale * coefficients[static_cast<size_t>(v) * 8 + static_cast<size_t>(u)] *
             std::cos((2 * x + 1) * u * std::numbers::pi / 16) *
             std::cos((2 * y + 1) * v * std::numbers::pi / 16);
    }
  }
  return std::clamp(sum + 128, 0.0, 255.0);
}

Samples transformed(const Coefficients& coefficients) {
  Samples samples;
  inverse_cosine_transform(samples.data(), 8, coefficients.data());
  return samples;
}

/// `num_values` random coefficients up to `max`, the others 0.
Coefficients random_block(uint32_t& state, int num_values, int max) {
  Coefficients coefficients{};
  const auto next = [&] { return (state = state * 1664525 + 1013904223) >> 8; };
  for (int i = 0; i < num_values; ++i) {
    const int value = static_cast<int>(next() % static_cast<uint32_t>(2 * max + 1)) - max;
    coefficients[next() % 64] = static_cast<int16_t>(value);
  }
  return coefficients;
}

}  // namespace

TEST_CASE("the inverse cosine transform is within a level of the true one") {
  uint32_t state = 7;
  int num_off = 0;
  int num_samples = 0;
  for (int round = 0; round < 400; ++round) {
    const Coefficients coefficients = random_block(state, 1 + round % 64, 1 + round);
    const Samples samples = transformed(coefficients);
    for (int i = 0; i < 64; ++i) {
      const double wanted = inverse_cosine(coefficients, i % 8, i / 8);
      const double difference = std::abs(samples[static_cast<size_t>(i)] - wanted);
      CHECK_MESSAGE(difference < 0.6, "round ", round, " at ", i, ": found ",
                    int{samples[static_cast<size_t>(i)]}, ", wanted ", wanted);
      num_off += difference > 0.5 ? 1 : 0;
      ++num_samples;
    }
  }
  CHECK(num_off < num_samples / 40);
}

TEST_CASE("a flat block is its rounded mean") {
  for (int dc = -1100; dc <= 1100; ++dc) {
    Coefficients coefficients{};
    coefficients[0] = static_cast<int16_t>(dc);
    const int wanted = std::clamp(static_cast<int>(std::floor(dc / 8.0 + 0.5)) + 128, 0, 255);
    const Samples samples = transformed(coefficients);
    CHECK(std::count(samples.begin(), samples.end(), wanted) == 64);
  }
}

TEST_CASE("coefficients of any size do not overflow") {
  for (const int16_t extreme : {int16_t{INT16_MIN}, int16_t{INT16_MAX}}) {
    Coefficients coefficients;
    coefficients.fill(extreme);
    transformed(coefficients);
    for (size_t i = 1; i < 64; i += 2) coefficients[i] = static_cast<int16_t>(~extreme);
    transformed(coefficients);
  }
}

}  // namespace synsight::image
