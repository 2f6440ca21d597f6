// SPDX-License-Identifier: Apache-2.0
#include "core/ops/strided.h"

#include <algorithm>
#include <cstring>

namespace synsight::ops {

Strides row_major_strides(const Shape& shape) {
  Strides strides{};
  int64_t stride = 1;
  for (size_t axis = shape.rank(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

Strides broadcast_strides(const Shape& from, const Shape& to) {
  const Strides dense = row_major_strides(from);
  Strides strides{};
  const size_t num_added = to.rank() - from.rank();
  for (size_t axis = 0; axis < from.rank(); ++axis) {
    strides[axis + num_added] = from[axis] == 1 ? 0 : dense[axis];
  }
  return strides;
}

namespace {

struct Copy {
  Shape shape = {};
  size_t element_size = 0;
  const std::byte* source = nullptr;
  std::byte* target = nullptr;
  std::array<Strides, 2> strides = {};  // of the source and of the target
};

template <typename CopyBlock>
void copy_blocks(const Copy& copy, const CopyBlock& copy_block) {
  const auto element_size = static_cast<int64_t>(copy.element_size);
  for_each_offset<2>(copy.shape, copy.strides, [&](const std::array<int64_t, 2>& offsets) {
    copy_block(copy.target + offsets[1] * element_size, copy.source + offsets[0] * element_size);
  });
}

// A size that the compiler knows makes memcpy a single load and store.
template <size_t kSize>
void copy_blocks_of(const Copy& copy) {
  copy_blocks(copy, [](std::byte* to, const std::byte* from) { std::memcpy(to, from, kSize); });
}

}  // namespace

void copy_strided(const Shape& shape, size_t element_size, const void* source,
                  const Strides& source_strides, void* target, const Strides& target_strides) {
  int64_t block = 1;  // elements that lie together on both sides
  size_t rank = shape.rank();
  for (; rank > 0; --rank) {
    const size_t axis = rank - 1;
    if (shape[axis] != 1 && (source_strides[axis] != block || target_strides[axis] != block)) break;
    block *= shape[axis];
  }
  if (block == 0) return;
  Copy copy{.element_size = element_size,
            .source = static_cast<const std::byte*>(source),
            .target = static_cast<std::byte*>(target),
            .strides = {source_strides, target_strides}};
  for (size_t axis = 0; axis < rank; ++axis) copy.shape.push_back(shape[axis]);
  const size_t block_size = static_cast<size_t>(block) * element_size;
  switch (block_size) {
    case 1:
      return copy_blocks_of<1>(copy);
    case 4:
      return copy_blocks_of<4>(copy);
    case 8:
      return copy_blocks_of<8>(copy);
    default:
      copy_blocks(copy, [block_size](std::byte* to, const std::byte* from) {
        std::memcpy(to, from, block_size);
      });
  }
}

void fill_elements(size_t element_size, const void* element, void* target, size_t count) {
  if (count == 0) return;
  auto* bytes = static_cast<std::byte*>(target);
  const size_t total = count * element_size;
  std::memcpy(bytes, element, element_size);
  for (size_t filled = element_size; filled < total;) {
    const size_t size = std::min(filled, total - filled);
    std::memcpy(bytes + filled, bytes, size);
    filled += size;
  }
}

}  // namespace synsight::ops
