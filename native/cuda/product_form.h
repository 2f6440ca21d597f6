// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "core/backend/operand.h"
#include "core/graph/graph.h"
#include "native/cuda/dense.h"

namespace synsight::cuda {

/// What of a node's constants lies on the device already.
struct PackedProduct {
  bool has_b = false;  // as [n,k]
  bool has_c = false;  // beta * C as a row of D's element type
};

/// A Gemm or MatMul of stored operands, as cuBLASLt takes it: a C that is a row is its bias.
/// Nothing where cuBLASLt has none: nothing to add up, batches that broadcast both ways, and a C
/// that is neither a row nor a matrix, is scaled as a row, or not stored as D is. Factors have the
/// first input's element type.
std::optional<DenseSpec> find_product_form(const Node& node, std::span<const Operand> inputs,
                                           const Operand& output, const PackedProduct& packed,
                                           bool allow_tf32);

}  // namespace synsight::cuda
