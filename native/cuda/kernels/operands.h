// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/backend/operand.h"
#include "core/graph/graph.h"
#include "core/ops/strided.h"
#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/integers.h"
#include "native/cuda/functors/strided_map.h"
#include "native/cuda/functors/vector.h"

namespace synsight::cuda {

/// How far the elements lie apart along ONNX's axes.
ops::Strides strides_of(const Operand& operand);

/// Those that read an operand as if it had the shape `to`, to which it broadcasts.
ops::Strides broadcast_strides(const Operand& operand, const Shape& to);

/// The map whose axes are `shape`'s, and an element's distance its strides times `scale`.
StridedMap map_of(const Shape& shape, const ops::Strides& strides, int64_t scale = 1);

/// Gives the outputs in the first input's layout, which a kernel takes as it comes. Only for
/// outputs of the first input's rank.
void keep_layout(std::span<const Operand> inputs, std::span<Operand> outputs);

/// Gives the outputs in the first input's element type, for kernels that move bytes.
void keep_dtype(std::span<const Operand> inputs, std::span<Operand> outputs);

/// Wants an operand in ONNX's order, as f32: for parameters, of which there are few.
void want_plain_f32(Operand& operand);

/// Wants an operand to lie as `model` does, element by element.
void want_like(const Operand& model, Operand& operand);

/// Which of ONNX's axes lies at a place of memory.
size_t axis_at(size_t place, Layout layout);

/// Whether floating-point values are stored in its type.
inline bool is_float(const Operand& operand) { return is_float_storage(operand.info.dtype); }

/// Whether kernels compute with its elements as integers.
inline bool is_integer(const Operand& operand) {
  return operand.info.dtype != DType::kBool && is_integer_storage(operand.info.dtype);
}

inline int64_t num_elements(const Operand& operand) {
  return static_cast<int64_t>(operand.info.shape.num_elements());
}

inline Clamp clamp_of(const Node& node) { return {node.activation.min, node.activation.max}; }

/// The operands as core/ops' parsers take them.
std::vector<TensorView> views_of(std::span<const Operand> operands);

}  // namespace synsight::cuda
