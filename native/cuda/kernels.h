// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <type_traits>

#include "native/cuda/kernel.h"

namespace synsight::cuda {

/// Each gives a node's kernel, or null where it cannot do it. The kernel table names them, but for
/// those among which others choose.
using Make = std::remove_pointer_t<MakeKernel>;

Make make_arg_reduce, make_batch_normalization, make_batch_training, make_binary, make_cast,
    make_clip, make_concat, make_constant_of_shape, make_convolution, make_cum_sum,
    make_depth_to_space, make_depthwise, make_dequantize, make_direct_convolution,
    make_direct_product, make_dropout, make_einsum, make_expand, make_gather, make_gather_elements,
    make_gather_nd, make_group_normalization, make_layer_normalization, make_lrn, make_pad,
    make_pool, make_product, make_quantize, make_reduce, make_reshape, make_resize, make_scatter_nd,
    make_slice, make_softmax, make_space_to_depth, make_split, make_top_k, make_transpose,
    make_transposed_convolution, make_unary, make_where;

/// Copies a value of any rank from one layout or dtype to another.
Result<std::unique_ptr<Kernel>> make_conversion(const Compilation& compilation);

}  // namespace synsight::cuda
