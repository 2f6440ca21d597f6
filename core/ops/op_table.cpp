// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <iterator>

#include "core/base/small_build.h"
#include "core/ops/kernels.h"
#include "core/ops/op.h"

namespace synsight::ops {

namespace {

constexpr int64_t kNewest = kNewestOpset;

// Name, first and last opset, least and most inputs, most outputs, functions. Sorted by name (as
// bytes), then opset.
constexpr Op kAllOps[] = {
    {"Abs", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Add", 7, kNewest, 2, 2, 1, infer_arithmetic, run_arithmetic},
    {"And", 7, kNewest, 2, 2, 1, infer_arithmetic, run_arithmetic},
    {"ArgMax", 7, kNewest, 1, 1, 1, infer_arg_reduce, run_arg_reduce},
    {"ArgMin", 7, kNewest, 1, 1, 1, infer_arg_reduce, run_arg_reduce},
    {"AveragePool", 7, kNewest, 1, 1, 1, infer_average_pool, run_average_pool},
    {"BatchNormalization", 7, kNewest, 5, 5, 5, infer_batch_normalization, run_batch_normalization},
    {"Cast", 7, kNewest, 1, 1, 1, infer_cast, run_cast},
    {"CastLike", 15, kNewest, 2, 2, 1, infer_cast_like, run_cast},
    {"Ceil", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Celu", 12, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Clip", 7, 10, 1, 1, 1, infer_clip, run_clip},
    {"Clip", 11, kNewest, 1, 3, 1, infer_clip, run_clip},
    {"Concat", 7, kNewest, 1, kAnyNumber, 1, infer_concat, run_concat},
    {"Constant", 7, kNewest, 0, 0, 1, infer_constant, run_constant},
    {"ConstantOfShape", 9, kNewest, 1, 1, 1, infer_constant_of_shape, run_constant_of_shape},
    {"Conv", 7, kNewest, 2, 3, 1, infer_conv, run_conv},
    {"ConvTranspose", 7, kNewest, 2, 3, 1, infer_conv_transpose, run_conv_transpose},
    {"Cos", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"CumSum", 11, kNewest, 2, 2, 1, infer_cum_sum, run_cum_sum},
    {"DepthToSpace", 7, kNewest, 1, 1, 1, infer_depth_to_space, run_depth_to_space},
    {"DequantizeLinear", 10, kNewest, 2, 3, 1, infer_dequantize_linear, run_dequantize_linear},
    {"Div", 7, kNewest, 2, 2, 1, infer_arithmetic, run_arithmetic},
    {"Dropout", 7, 11, 1, 1, 2, infer_dropout, run_dropout},
    {"Dropout", 12, kNewest, 1, 3, 2, infer_dropout, run_dropout},
    {"DynamicQuantizeLinear", 11, kNewest, 1, 1, 3, infer_dynamic_quantize_linear,
     run_dynamic_quantize_linear},
    {"Einsum", 12, kNewest, 1, kAnyNumber, 1, infer_einsum, run_einsum},
    {"Elu", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Equal", 7, kNewest, 2, 2, 1, infer_comparison, run_comparison},
    {"Erf", 9, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Exp", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Expand", 8, kNewest, 2, 2, 1, infer_expand, run_expand},
    {"Flatten", 7, kNewest, 1, 1, 1, infer_flatten, run_copy},
    {"Floor", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Gather", 7, kNewest, 2, 2, 1, infer_gather, run_gather},
    {"GatherElements", 11, kNewest, 2, 2, 1, infer_gather_elements, run_gather_elements},
    {"GatherND", 11, kNewest, 2, 2, 1, infer_gather_nd, run_gather_nd},
    {"Gelu", 20, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Gemm", 7, 10, 3, 3, 1, infer_gemm, run_gemm},
    {"Gemm", 11, kNewest, 2, 3, 1, infer_gemm, run_gemm},
    {"GlobalAveragePool", 7, kNewest, 1, 1, 1, infer_global_pool, run_global_average_pool},
    {"GlobalMaxPool", 7, kNewest, 1, 1, 1, infer_global_pool, run_global_max_pool},
    {"Greater", 7, kNewest, 2, 2, 1, infer_comparison, run_comparison},
    {"GreaterOrEqual", 12, kNewest, 2, 2, 1, infer_comparison, run_comparison},
    {"GroupNormalization", 18, kNewest, 3, 3, 1, infer_group_normalization,
     run_group_normalization},
    {"HardSigmoid", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"HardSwish", 14, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Hardmax", 7, kNewest, 1, 1, 1, infer_softmax, run_hardmax},
    {"Identity", 7, kNewest, 1, 1, 1, infer_identity, run_copy},
    {"InstanceNormalization", 7, kNewest, 3, 3, 1, infer_group_normalization,
     run_group_normalization},
    {"IsInf", 10, kNewest, 1, 1, 1, infer_float_test, run_is_inf},
    {"IsNaN", 9, kNewest, 1, 1, 1, infer_float_test, run_is_nan},
    {"LRN", 7, kNewest, 1, 1, 1, infer_lrn, run_lrn},
    {"LayerNormalization", 17, kNewest, 2, 3, 3, infer_layer_normalization,
     run_layer_normalization},
    {"LeakyRelu", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Less", 7, kNewest, 2, 2, 1, infer_comparison, run_comparison},
    {"LessOrEqual", 12, kNewest, 2, 2, 1, infer_comparison, run_comparison},
    {"Log", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"LogSoftmax", 7, kNewest, 1, 1, 1, infer_softmax, run_log_softmax},
    {"MatMul", 7, kNewest, 2, 2, 1, infer_matmul, run_matmul},
    {"Max", 7, kNewest, 1, kAnyNumber, 1, infer_arithmetic, run_arithmetic},
    {"MaxPool", 7, 7, 1, 1, 1, infer_max_pool, run_max_pool},
    {"MaxPool", 8, kNewest, 1, 1, 2, infer_max_pool, run_max_pool},
    {"Mean", 7, kNewest, 1, kAnyNumber, 1, infer_arithmetic, run_arithmetic},
    {"Min", 7, kNewest, 1, kAnyNumber, 1, infer_arithmetic, run_arithmetic},
    {"Mish", 18, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Mod", 10, kNewest, 2, 2, 1, infer_arithmetic, run_arithmetic},
    {"Mul", 7, kNewest, 2, 2, 1, infer_arithmetic, run_arithmetic},
    {"Neg", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Not", 7, kNewest, 1, 1, 1, infer_not, run_not},
    {"Or", 7, kNewest, 2, 2, 1, infer_arithmetic, run_arithmetic},
    {"PRelu", 7, kNewest, 2, 2, 1, infer_arithmetic, run_arithmetic},
    {"Pad", 7, 10, 1, 1, 1, infer_pad, run_pad},
    {"Pad", 11, 17, 2, 3, 1, infer_pad, run_pad},
    {"Pad", 18, kNewest, 2, 4, 1, infer_pad, run_pad},
    {"Pow", 7, kNewest, 2, 2, 1, infer_pow, run_pow},
    {"QuantizeLinear", 10, kNewest, 2, 3, 1, infer_quantize_linear, run_quantize_linear},
    {"Range", 11, kNewest, 3, 3, 1, infer_range, run_range},
    {"Reciprocal", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"ReduceL1", 7, 17, 1, 1, 1, infer_reduce, run_reduce},
    {"ReduceL1", 18, kNewest, 1, 2, 1, infer_reduce, run_reduce},
    {"ReduceL2", 7, 17, 1, 1, 1, infer_reduce, run_reduce},
    {"ReduceL2", 18, kNewest, 1, 2, 1, infer_reduce, run_reduce},
    {"ReduceLogSum", 7, 17, 1, 1, 1, infer_reduce, run_reduce},
    {"ReduceLogSum", 18, kNewest, 1, 2, 1, infer_reduce, run_reduce},
    {"ReduceLogSumExp", 7, 17, 1, 1, 1, infer_reduce, run_reduce},
    {"ReduceLogSumExp", 18, kNewest, 1, 2, 1, infer_reduce, run_reduce},
    {"ReduceMax", 7, 17, 1, 1, 1, infer_reduce, run_reduce},
    {"ReduceMax", 18, kNewest, 1, 2, 1, infer_reduce, run_reduce},
    {"ReduceMean", 7, 17, 1, 1, 1, infer_reduce, run_reduce},
    {"ReduceMean", 18, kNewest, 1, 2, 1, infer_reduce, run_reduce},
    {"ReduceMin", 7, 17, 1, 1, 1, infer_reduce, run_reduce},
    {"ReduceMin", 18, kNewest, 1, 2, 1, infer_reduce, run_reduce},
    {"ReduceProd", 7, 17, 1, 1, 1, infer_reduce, run_reduce},
    {"ReduceProd", 18, kNewest, 1, 2, 1, infer_reduce, run_reduce},
    {"ReduceSum", 7, 12, 1, 1, 1, infer_reduce, run_reduce},
    {"ReduceSum", 13, kNewest, 1, 2, 1, infer_reduce, run_reduce},
    {"ReduceSumSquare", 7, 17, 1, 1, 1, infer_reduce, run_reduce},
    {"ReduceSumSquare", 18, kNewest, 1, 2, 1, infer_reduce, run_reduce},
    {"Relu", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Reshape", 7, kNewest, 2, 2, 1, infer_reshape, run_copy},
    {"Resize", 10, 10, 2, 2, 1, infer_resize, run_resize},
    {"Resize", 11, kNewest, 1, 4, 1, infer_resize, run_resize},
    {"Round", 11, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"ScatterND", 11, kNewest, 3, 3, 1, infer_scatter_nd, run_scatter_nd},
    {"Selu", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Shape", 7, kNewest, 1, 1, 1, infer_shape, run_shape},
    {"Sigmoid", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Sign", 9, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Sin", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Size", 7, kNewest, 1, 1, 1, infer_size, run_size},
    {"Slice", 7, 9, 1, 1, 1, infer_slice, run_slice},
    {"Slice", 10, kNewest, 3, 5, 1, infer_slice, run_slice},
    {"Softmax", 7, kNewest, 1, 1, 1, infer_softmax, run_softmax},
    {"Softplus", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Softsign", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"SpaceToDepth", 7, kNewest, 1, 1, 1, infer_space_to_depth, run_space_to_depth},
    {"Split", 7, 12, 1, 1, kAnyNumber, infer_split, run_split},
    {"Split", 13, kNewest, 1, 2, kAnyNumber, infer_split, run_split},
    {"Sqrt", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Squeeze", 7, 12, 1, 1, 1, infer_squeeze, run_copy},
    {"Squeeze", 13, kNewest, 1, 2, 1, infer_squeeze, run_copy},
    {"Sub", 7, kNewest, 2, 2, 1, infer_arithmetic, run_arithmetic},
    {"Sum", 7, kNewest, 1, kAnyNumber, 1, infer_arithmetic, run_arithmetic},
    {"Swish", 24, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Tan", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Tanh", 7, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"ThresholdedRelu", 10, kNewest, 1, 1, 1, infer_unary, run_unary},
    {"Tile", 7, kNewest, 2, 2, 1, infer_tile, run_tile},
    {"TopK", 7, 9, 1, 1, 2, infer_top_k, run_top_k},
    {"TopK", 10, kNewest, 2, 2, 2, infer_top_k, run_top_k},
    {"Transpose", 7, kNewest, 1, 1, 1, infer_transpose, run_transpose},
    {"Trilu", 14, kNewest, 1, 2, 1, infer_trilu, run_trilu},
    {"Unsqueeze", 7, 12, 1, 1, 1, infer_unsqueeze, run_copy},
    {"Unsqueeze", 13, kNewest, 2, 2, 1, infer_unsqueeze, run_copy},
    {"Upsample", 7, 8, 1, 1, 1, infer_resize, run_resize},
    {"Upsample", 9, 9, 2, 2, 1, infer_resize, run_resize},
    {"Where", 9, kNewest, 3, 3, 1, infer_where, run_where},
    {"Xor", 7, kNewest, 2, 2, 1, infer_arithmetic, run_arithmetic},
};

/// A small build has none for operators that few networks have.
constexpr bool has_room(const Op& op) {
  constexpr std::string_view kLeftOut[] = {"DynamicQuantizeLinear", "Einsum", "Hardmax", "Trilu"};
  return !kIsSmallBuild ||
         std::find(std::begin(kLeftOut), std::end(kLeftOut), op.name) == std::end(kLeftOut);
}

constexpr auto kOps = [] {
  std::array<Op, std::count_if(std::begin(kAllOps), std::end(kAllOps), has_room)> ops;
  std::copy_if(std::begin(kAllOps), std::end(kAllOps), ops.begin(), has_room);
  return ops;
}();

}  // namespace

std::span<const Op> op_table() { return kOps; }

}  // namespace synsight::ops
