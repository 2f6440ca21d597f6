// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <type_traits>

#include "core/backend/xnnpack/xnn_kernel.h"

namespace synsight::xnnpack {

/// What the kernel table names: each gives a node's own kernel, or null where the node needs the
/// borrowed one.
using Make = std::remove_pointer_t<MakeKernel>;

Make make_average_pool, make_batch_normalization, make_binary, make_concat, make_convolution,
    make_erf, make_gemm, make_group_normalization, make_layer_normalization, make_matmul,
    make_max_pool, make_pad, make_reduce, make_softmax, make_transpose, make_unary;

/// The operator's reference kernel behind this backend's seam.
Result<std::unique_ptr<XnnKernel>> make_borrowed(const Node& node);

}  // namespace synsight::xnnpack
