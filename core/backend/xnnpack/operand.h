// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/ops/op.h"
#include "core/tensor/shape.h"

namespace synsight::xnnpack {

/// How a value lies in memory: as ONNX orders its dimensions, or, for rank 4, as N H W C.
enum class Layout : uint8_t { kPlain, kChannelsLast };

/// A value as one kernel sees it.
struct Operand {
  ops::ValueInfo info;  // in ONNX's order of dimensions, whatever the layout
  Layout layout = Layout::kPlain;

  bool exists() const { return info.exists(); }

  /// The dimensions in the order of memory.
  Shape memory_shape() const {
    const Shape& shape = info.shape;
    return layout == Layout::kPlain ? shape : Shape{shape[0], shape[2], shape[3], shape[1]};
  }
};

/// True where both layouts are the same bytes: one channel or one pixel.
inline bool is_layout_free(const Shape& shape) {
  return shape.rank() == 4 && (shape[1] == 1 || (shape[2] == 1 && shape[3] == 1));
}

/// Dimensions as XNNPACK takes them.
inline std::vector<size_t> to_sizes(const Shape& shape) {
  return {shape.dims().begin(), shape.dims().end()};
}

}  // namespace synsight::xnnpack
