// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "core/backend/operand.h"
#include "core/ops/window.h"
#include "native/cuda/functors/image.h"

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

/// `window`: over one to three axes.
inline void set_window(const ops::Window& window, SpatialWindow& axes) {
  auto* const rest = std::fill_n(axes, size_t{kMaxSpatial} - window.size(),
                                 ops::WindowAxis{.input = 1, .output = 1});
  std::copy(window.begin(), window.end(), rest);
}

}  // namespace synsight::cuda
