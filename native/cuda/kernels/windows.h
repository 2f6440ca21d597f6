// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <type_traits>

#include "native/cuda/kernel.h"

namespace synsight::cuda {

/// Makers of kernels for windows, reductions, normalizations and products, all without a library.
/// `make_depthwise` takes a Conv with one constant filter for each channel,
/// `make_direct_convolution` any; `make_direct_product` takes Gemm and MatMul, `make_reduce` every
/// Reduce operator and both global pools, `make_group_normalization` InstanceNormalization too.
std::remove_pointer_t<MakeKernel> make_arg_reduce, make_average_pool, make_batch_normalization,
    make_depthwise, make_direct_convolution, make_direct_product, make_group_normalization,
    make_layer_normalization, make_lrn, make_max_pool, make_reduce, make_softmax;

}  // namespace synsight::cuda
