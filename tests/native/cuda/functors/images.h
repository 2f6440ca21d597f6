// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "native/cuda/functors/image.h"

namespace synsight::test {

/// A window's axis as a test states it; the output's size follows.
struct TestAxis {
  int64_t input = 1;
  int64_t taps = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t pad = 0;
  int64_t pad_end = 0;
  bool hangs_over = false;  // ceil_mode

  int64_t output() const {
    const int64_t room = input + pad + pad_end - (taps - 1) * dilation - 1;
    return (room + (hangs_over ? stride - 1 : 0)) / stride + 1;
  }
};

/// Images [N,C,D,H,W] in either layout, and the windows that slide over them.
struct TestImages {
  int64_t num_images = 1;
  int64_t num_channels = 1;
  TestAxis axes[cuda::kMaxSpatial];
  bool is_last = false;

  void sizes(bool of_output, int64_t (&result)[cuda::kMaxSpatial]) const {
    for (int i = 0; i < cuda::kMaxSpatial; ++i) {
      result[i] = of_output ? axes[i].output() : axes[i].input;
    }
  }
  int64_t num_pixels(bool of_output) const {
    int64_t s[cuda::kMaxSpatial];
    sizes(of_output, s);
    return s[0] * s[1] * s[2];
  }
  /// Where an element lies: `pixel` counts row by row.
  int64_t place(bool of_output, int64_t channels, int64_t n, int64_t c, int64_t pixel) const {
    const int64_t pixels = num_pixels(of_output);
    return is_last ? (n * pixels + pixel) * channels + c : (n * channels + c) * pixels + pixel;
  }
  cuda::ImageMap map(bool of_output, int64_t channels, int width = 1) const {
    int64_t s[cuda::kMaxSpatial];
    sizes(of_output, s);
    return {is_last, channels, s, width};
  }
  void set_window(cuda::SpatialWindow& window) const {
    for (int i = 0; i < cuda::kMaxSpatial; ++i) {
      const TestAxis& a = axes[i];
      window[i] = {a.input, a.output(), a.taps, a.stride, a.dilation, a.pad, a.pad_end};
    }
  }
  /// Calls visit(pixel of the input, or -1 in the padding; tap; whether the padded input has it).
  void for_each_tap(int64_t output_pixel,
                    const std::function<void(int64_t, int64_t, bool)>& visit) const {
    const int64_t o[] = {output_pixel / (axes[1].output() * axes[2].output()),
                         output_pixel / axes[2].output() % axes[1].output(),
                         output_pixel % axes[2].output()};
    const int64_t num_taps = axes[0].taps * axes[1].taps * axes[2].taps;
    for (int64_t tap = 0; tap < num_taps; ++tap) {
      const int64_t t[] = {tap / (axes[1].taps * axes[2].taps), tap / axes[2].taps % axes[1].taps,
                           tap % axes[2].taps};
      int64_t pixel = 0;
      bool is_inside = true;
      bool is_padded = true;
      for (int i = 0; i < cuda::kMaxSpatial; ++i) {
        const int64_t at = o[i] * axes[i].stride - axes[i].pad + t[i] * axes[i].dilation;
        is_inside = is_inside && at >= 0 && at < axes[i].input;
        is_padded = is_padded && at < axes[i].input + axes[i].pad_end;
        pixel = pixel * axes[i].input + at;
      }
      visit(is_inside ? pixel : -1, tap, is_padded);
    }
  }
};

/// One axis, two and three; odd sizes, strides, dilations and pads that differ.
inline std::vector<TestImages> image_cases() {
  return {
      {2, 6, {{}, {5, 3, 1, 1, 1, 1}, {7, 3, 1, 1, 1, 1}}},
      {1, 6, {{}, {9, 3, 2, 1, 0, 1}, {8, 2, 3, 1, 1, 0}}},
      {3, 6, {{}, {}, {13, 3, 2, 3, 4, 2}}},
      {2, 6, {{5, 2, 1, 2, 1, 1}, {5, 3, 2, 1, 1, 1}, {3, 3, 1, 1, 2, 2}}},
      {2, 6, {{}, {6, 3, 2, 1, 0, 1, true}, {7, 3, 3, 1, 1, 0, true}}},
      {1, 6, {{}, {1, 1}, {1, 1}}},
  };
}

}  // namespace synsight::test
