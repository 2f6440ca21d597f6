// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/ops/op.h"
#include "core/tensor/shape.h"
#include "core/tensor/tensor.h"

namespace synsight {

/// How a value lies in memory: as ONNX orders its dimensions, or, for rank 4, as N H W C.
enum class Layout : uint8_t { kPlain, kChannelsLast };

/// A value as one kernel sees it; its dtype is how the backend stores it.
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

/// A copy of [N,C,H,W] elements in the order N H W C; the shape keeps ONNX's order. Any dtype.
/// Errors: kOutOfMemory.
Result<Tensor> to_channels_last(const TensorView& plain);

/// The reverse: a copy of elements that lie as N H W C, `channels_last.shape` being [N,C,H,W].
Result<Tensor> to_plain(const TensorView& channels_last);

}  // namespace synsight
