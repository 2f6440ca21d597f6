// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>

#include "core/ops/op.h"

namespace synsight::ops {

/// The functions that the operator table names, declared by their types: each operator's file
/// defines an `infer_*` and a `run_*`.
using Infer = std::remove_pointer_t<InferFn>;
using Kernel = std::remove_pointer_t<KernelFn>;

// Neural-network operators.
Infer infer_average_pool, infer_batch_normalization, infer_conv, infer_conv_transpose,
    infer_dequantize_linear, infer_dropout, infer_dynamic_quantize_linear, infer_flatten,
    infer_gemm, infer_global_pool, infer_group_normalization, infer_layer_normalization, infer_lrn,
    infer_matmul, infer_max_pool, infer_quantize_linear, infer_softmax;
Kernel run_average_pool, run_batch_normalization, run_conv, run_conv_transpose,
    run_dequantize_linear, run_dropout, run_dynamic_quantize_linear, run_gemm,
    run_global_average_pool, run_global_max_pool, run_group_normalization, run_hardmax,
    run_layer_normalization, run_log_softmax, run_lrn, run_matmul, run_max_pool,
    run_quantize_linear, run_softmax;

// Elementwise, shape and data-movement operators.
Infer infer_arg_reduce, infer_arithmetic, infer_cast, infer_cast_like, infer_clip, infer_comparison,
    infer_concat, infer_constant, infer_constant_of_shape, infer_cum_sum, infer_depth_to_space,
    infer_einsum, infer_expand, infer_float_test, infer_gather, infer_gather_elements,
    infer_gather_nd, infer_identity, infer_not, infer_pad, infer_pow, infer_range, infer_reduce,
    infer_reshape, infer_resize, infer_scatter_nd, infer_shape, infer_size, infer_slice,
    infer_space_to_depth, infer_split, infer_squeeze, infer_tile, infer_top_k, infer_transpose,
    infer_trilu, infer_unary, infer_unsqueeze, infer_where;
Kernel run_arg_reduce, run_arithmetic, run_cast, run_clip, run_comparison, run_concat, run_constant,
    run_constant_of_shape, run_copy, run_cum_sum, run_depth_to_space, run_einsum, run_expand,
    run_gather, run_gather_elements, run_gather_nd, run_is_inf, run_is_nan, run_not, run_pad,
    run_pow, run_range, run_reduce, run_resize, run_scatter_nd, run_shape, run_size, run_slice,
    run_space_to_depth, run_split, run_tile, run_top_k, run_transpose, run_trilu, run_unary,
    run_where;

}  // namespace synsight::ops
