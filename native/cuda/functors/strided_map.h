// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/tensor/shape.h"
#include "native/cuda/functors/divider.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// One axis of an index space and how far apart its elements lie.
struct StridedAxis {
  int64_t size = 1;
  int64_t stride = 0;
};

/// Where the elements of an index space, counted in row-major order, lie in memory.
class StridedMap {
 public:
  StridedMap() = default;

  /// `axes`: at most Shape::kMaxRank, outermost first, each of 1 or more. Axes that lie one after
  /// the other become one.
  explicit StridedMap(std::span<const StridedAxis> axes) {
    std::array<StridedAxis, Shape::kMaxRank> kept;
    size_t rank = 0;
    for (const StridedAxis& axis : axes) {
      if (axis.size == 1) continue;
      if (rank > 0 && kept[rank - 1].stride == axis.stride * axis.size) {
        kept[rank - 1] = {kept[rank - 1].size * axis.size, axis.stride};
      } else {
        kept[rank++] = axis;
      }
    }
    if (rank == 0) return;
    outer_stride_ = kept[0].stride;
    num_inner_ = static_cast<int>(rank) - 1;
    for (size_t i = 1; i < rank; ++i) {
      dividers_[i - 1] = Divider(kept[i].size);
      strides_[i - 1] = kept[i].stride;
    }
  }

  /// In elements. `index`: at least 0 and below the product of the sizes.
  SYNSIGHT_HOST_DEVICE int64_t offset(int64_t index) const {
    int64_t result = 0;
    for (int i = num_inner_; i-- > 0;) result += dividers_[i].split(index) * strides_[i];
    return result + index * outer_stride_;
  }

 private:
  // Plain arrays: device code cannot call std::array's functions.
  Divider dividers_[Shape::kMaxRank - 1];
  int64_t strides_[Shape::kMaxRank - 1] = {};
  int64_t outer_stride_ = 0;
  int num_inner_ = 0;
};

}  // namespace synsight::cuda
