// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/kernel_table.h"

#include <algorithm>
#include <utility>

#include "core/backend/alias.h"
#include "core/base/text.h"
#include "native/cuda/kernels.h"

namespace synsight::cuda {

namespace {

struct Row {
  std::string_view op_type;
  std::string_view kernel;
  MakeKernel make;
};

constexpr Row kRows[] = {
    {"Abs", "elementwise", make_unary},
    {"Add", "elementwise", make_binary},
    {"And", "elementwise", make_binary},
    {"ArgMax", "arg reduce", make_arg_reduce},
    {"ArgMin", "arg reduce", make_arg_reduce},
    {"AveragePool", "pooling", make_pool},
    {"BatchNormalization", "scale and shift", make_batch_normalization},
    {"Cast", "cast", make_cast},
    {"CastLike", "cast", make_cast},
    {"Ceil", "elementwise", make_unary},
    {"Celu", "elementwise", make_unary},
    {"Clip", "elementwise", make_unary},
    {"Concat", "copy", make_concat},
    {"ConstantOfShape", "fill", make_constant_of_shape},
    {"Conv", "cudnn convolution", make_convolution},
    {"ConvTranspose", "transposed convolution", make_transposed_convolution},
    {"Cos", "elementwise", make_unary},
    {"CumSum", "cumulative sum", make_cum_sum},
    {"DepthToSpace", "copy", make_depth_to_space},
    {"DequantizeLinear", "elementwise", make_dequantize},
    {"Div", "elementwise", make_binary},
    {"Dropout", "elementwise", make_dropout},
    {"Einsum", "sums of products", make_einsum},
    {"Elu", "elementwise", make_unary},
    {"Equal", "elementwise", make_binary},
    {"Erf", "elementwise", make_unary},
    {"Exp", "elementwise", make_unary},
    {"Expand", "copy", make_expand},
    {"Flatten", "elementwise", make_reshape},
    {"Floor", "elementwise", make_unary},
    {"Gather", "gather", make_gather},
    {"GatherElements", "gather", make_gather_elements},
    {"GatherND", "gather", make_gather_nd},
    {"Gelu", "elementwise", make_unary},
    {"Gemm", "cublaslt product", make_product},
    {"GlobalAveragePool", "reduce", make_reduce},
    {"GlobalMaxPool", "reduce", make_reduce},
    {"Greater", "elementwise", make_binary},
    {"GreaterOrEqual", "elementwise", make_binary},
    {"GroupNormalization", "normalization", make_group_normalization},
    {"HardSigmoid", "elementwise", make_unary},
    {"HardSwish", "elementwise", make_unary},
    {"Identity", "elementwise", make_reshape},
    {"InstanceNormalization", "normalization", make_group_normalization},
    {"IsInf", "elementwise", make_unary},
    {"IsNaN", "elementwise", make_unary},
    {"LRN", "lrn", make_lrn},
    {"LayerNormalization", "normalization", make_layer_normalization},
    {"LeakyRelu", "elementwise", make_unary},
    {"Less", "elementwise", make_binary},
    {"LessOrEqual", "elementwise", make_binary},
    {"Log", "elementwise", make_unary},
    {"LogSoftmax", "softmax", make_softmax},
    {"MatMul", "cublaslt product", make_product},
    {"Max", "elementwise", make_binary},
    {"MaxPool", "pooling", make_pool},
    {"Mean", "elementwise", make_binary},
    {"Min", "elementwise", make_binary},
    {"Mish", "elementwise", make_unary},
    {"Mod", "elementwise", make_binary},
    {"Mul", "elementwise", make_binary},
    {"Neg", "elementwise", make_unary},
    {"Not", "elementwise", make_unary},
    {"Or", "elementwise", make_binary},
    {"PRelu", "elementwise", make_binary},
    {"Pad", "pad", make_pad},
    {"Pow", "elementwise", make_binary},
    {"QuantizeLinear", "elementwise", make_quantize},
    {"Reciprocal", "elementwise", make_unary},
    {"ReduceL1", "reduce", make_reduce},
    {"ReduceL2", "reduce", make_reduce},
    {"ReduceLogSum", "reduce", make_reduce},
    {"ReduceLogSumExp", "reduce", make_reduce},
    {"ReduceMax", "reduce", make_reduce},
    {"ReduceMean", "reduce", make_reduce},
    {"ReduceMin", "reduce", make_reduce},
    {"ReduceProd", "reduce", make_reduce},
    {"ReduceSum", "reduce", make_reduce},
    {"ReduceSumSquare", "reduce", make_reduce},
    {"Relu", "elementwise", make_unary},
    {"Reshape", "elementwise", make_reshape},
    {"Resize", "resize", make_resize},
    {"Round", "elementwise", make_unary},
    {"ScatterND", "scatter", make_scatter_nd},
    {"Selu", "elementwise", make_unary},
    {"Sigmoid", "elementwise", make_unary},
    {"Sign", "elementwise", make_unary},
    {"Sin", "elementwise", make_unary},
    {"Slice", "copy", make_slice},
    {"Softmax", "softmax", make_softmax},
    {"Softplus", "elementwise", make_unary},
    {"Softsign", "elementwise", make_unary},
    {"SpaceToDepth", "copy", make_space_to_depth},
    {"Split", "copy", make_split},
    {"Sqrt", "elementwise", make_unary},
    {"Squeeze", "elementwise", make_reshape},
    {"Sub", "elementwise", make_binary},
    {"Sum", "elementwise", make_binary},
    {"Swish", "elementwise", make_unary},
    {"Tan", "elementwise", make_unary},
    {"Tanh", "elementwise", make_unary},
    {"ThresholdedRelu", "elementwise", make_unary},
    {"Tile", "pad", make_pad},
    {"TopK", "top k", make_top_k},
    {"Transpose", "copy", make_transpose},
    {"Unsqueeze", "elementwise", make_reshape},
    {"Upsample", "resize", make_resize},
    {"Where", "elementwise", make_where},
    {"Xor", "elementwise", make_binary},
};

const Row* find_row(std::string_view op_type) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& candidate) {
    return candidate.op_type == op_type;
  });
  return row == std::end(kRows) ? nullptr : row;
}

}  // namespace

std::string_view kernel_name(std::string_view op_type) {
  if (is_alias(op_type)) return "alias";
  const Row* row = find_row(op_type);
  return row == nullptr ? "" : row->kernel;
}

Result<std::unique_ptr<Kernel>> make_kernel(const Compilation& compilation, const Node& node) {
  if (auto alias = make_alias(node)) return alias;
  if (const Row* row = find_row(node.op_type)) {
    return row->make(compilation, node);
  }
  return nullptr;
}

}  // namespace synsight::cuda
