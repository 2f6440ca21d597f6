// SPDX-License-Identifier: Apache-2.0
#include "tests/support/conv_oracle.h"

#include <optional>

namespace synsight::test {

namespace {

int64_t size_of_axes(const Shape& shape) {
  int64_t size = 1;
  for (size_t axis = 2; axis < shape.rank(); ++axis) size *= shape[axis];
  return size;
}

/// Where in a channel of the input the tap lies; nothing where that is padding.
std::optional<int64_t> place_of_tap(const Shape& x, const Shape& w, const ConvWindow& window,
                                    std::span<const int64_t> y_index, int64_t tap) {
  const auto entry = [](const std::vector<int64_t>& list, size_t i, int64_t fallback) {
    return list.empty() ? fallback : list[i];
  };
  int64_t place = 0;
  int64_t step = 1;
  for (size_t axis = x.rank(); axis-- > 2;) {
    const size_t i = axis - 2;
    const int64_t at = y_index[axis] * entry(window.strides, i, 1) +
                       tap % w[axis] * entry(window.dilations, i, 1) - entry(window.pads, i, 0);
    if (at < 0 || at >= x[axis]) return std::nullopt;
    place += at * step;
    step *= x[axis];
    tap /= w[axis];
  }
  return place;
}

}  // namespace

double conv_sum(const TestTensor& x, const TestTensor& w, const ConvWindow& window,
                std::span<const int64_t> y_index) {
  const int64_t m = y_index[1];
  const int64_t num_channels = w.shape[1];
  const int64_t group = m / (w.shape[0] / window.group);
  const int64_t first_channel = y_index[0] * x.shape[1] + group * num_channels;
  const int64_t x_size = size_of_axes(x.shape);
  const int64_t num_taps = size_of_axes(w.shape);
  double sum = 0;
  for (int64_t tap = 0; tap < num_taps; ++tap) {
    const auto place = place_of_tap(x.shape, w.shape, window, y_index, tap);
    if (!place) continue;
    for (int64_t c = 0; c < num_channels; ++c) {
      sum += x.values[static_cast<size_t>((first_channel + c) * x_size + *place)] *
             w.values[static_cast<size_t>((m * num_channels + c) * num_taps + tap)];
    }
  }
  return sum;
}

}  // namespace synsight::test
