// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "core/backend/operand.h"
#include "core/ops/strided.h"
#include "core/ops/window.h"
#include "native/cuda/functors/image.h"
#include "native/cuda/functors/padded_image.h"
#include "native/cuda/kernels/operands.h"

namespace synsight::cuda {

/// Whether it is [N,C] and one to three spatial axes.
inline bool is_spatial(const Shape& shape) {
  return shape.rank() >= 3 && shape.rank() <= 2 + size_t{kMaxSpatial};
}

/// How such an operand lies; `width` as for ImageMap.
inline ImageMap image_map(const Operand& operand, int width = 1) {
  const Shape& shape = operand.info.shape;
  int64_t sizes[kMaxSpatial] = {1, 1, 1};
  const size_t first = size_t{kMaxSpatial} + 2 - shape.rank();
  for (size_t axis = 2; axis < shape.rank(); ++axis) sizes[first + axis - 2] = shape[axis];
  return {operand.layout == Layout::kChannelsLast, shape[1], sizes, width};
}

/// Where [N, channels, rows, columns], channels last, has X, with so many rows above it and columns
/// before it; `width`: channels that an index stands for.
inline PaddedImage padded_image(const Operand& x, const Shape& shape, int64_t top, int64_t left,
                                int width) {
  PaddedImage image;
  const Shape& from = x.info.shape;
  const ops::Strides steps = strides_of(x);
  for (size_t axis = 0; axis < 4; ++axis) image.steps[axis] = steps[axis];
  image.num_channels = from[1];
  image.height = from[2];
  image.width = from[3];
  image.top = top;
  image.left = left;
  image.rows = Divider(shape[2]);
  image.columns = Divider(shape[3]);
  image.parts = Divider(shape[1] / width);
  return image;
}

/// `window`: over one to three axes.
inline void set_window(const ops::Window& window, SpatialWindow& axes) {
  auto* const rest = std::fill_n(axes, size_t{kMaxSpatial} - window.size(),
                                 ops::WindowAxis{.input = 1, .output = 1});
  std::copy(window.begin(), window.end(), rest);
}

}  // namespace synsight::cuda
