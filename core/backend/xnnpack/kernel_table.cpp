// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/kernel_table.h"

#include <algorithm>

#include "core/backend/alias.h"
#include "core/backend/xnnpack/kernels.h"

namespace synsight::xnnpack {

namespace {

/// An operator with a kernel of this backend's own. Every other operator of the operator table is
/// borrowed.
struct Row {
  std::string_view op_type;
  std::string_view kernel;
  MakeKernel make;
};

constexpr Row kRows[] = {
    {"Abs", "xnn unary", make_unary},
    {"Add", "xnn binary", make_binary},
    {"AveragePool", "xnn average pooling", make_average_pool},
    {"BatchNormalization", "xnn convolution", make_batch_normalization},
    {"Ceil", "xnn unary", make_unary},
    {"Clip", "xnn unary", make_unary},
    {"Concat", "concat", make_concat},
    {"Conv", "xnn convolution", make_convolution},
    {"Div", "xnn binary", make_binary},
    {"Elu", "xnn unary", make_unary},
    {"Erf", "error function", make_erf},
    {"Exp", "xnn unary", make_unary},
    {"Floor", "xnn unary", make_unary},
    {"Gelu", "error function", make_erf},
    {"Gemm", "xnn fully connected", make_gemm},
    {"GlobalAveragePool", "xnn reduce", make_reduce},
    {"GroupNormalization", "normalization", make_group_normalization},
    {"HardSwish", "xnn unary", make_unary},
    {"InstanceNormalization", "normalization", make_group_normalization},
    {"LayerNormalization", "normalization", make_layer_normalization},
    {"LeakyRelu", "xnn unary", make_unary},
    {"MatMul", "xnn fully connected", make_matmul},
    {"Max", "xnn binary", make_binary},
    {"MaxPool", "xnn max pooling", make_max_pool},
    {"Min", "xnn binary", make_binary},
    {"Mul", "xnn binary", make_binary},
    {"Neg", "xnn unary", make_unary},
    {"PRelu", "xnn binary", make_binary},
    {"Pad", "xnn constant pad", make_pad},
    {"ReduceMean", "xnn reduce", make_reduce},
    {"ReduceSum", "xnn reduce", make_reduce},
    {"Relu", "xnn unary", make_unary},
    {"Round", "xnn unary", make_unary},
    {"Sigmoid", "xnn unary", make_unary},
    {"Softmax", "xnn softmax", make_softmax},
    {"Sqrt", "xnn unary", make_unary},
    {"Sub", "xnn binary", make_binary},
    {"Sum", "xnn binary", make_binary},
    {"Tanh", "xnn unary", make_unary},
    {"Transpose", "xnn transpose", make_transpose},
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
  if (const Row* row = find_row(op_type)) return row->kernel;
  const auto table = ops::op_table();
  const bool is_known = std::any_of(table.begin(), table.end(),
                                    [&](const ops::Op& op) { return op.name == op_type; });
  return is_known ? "borrowed" : "";
}

Result<std::unique_ptr<Kernel>> make_kernel(const Compilation& compilation, const Node& node,
                                            pthreadpool_t threads) {
  if (auto alias = make_alias(node)) return alias;
  if (const Row* row = find_row(node.op_type)) {
    SYNSIGHT_TRY_ASSIGN(auto kernel, row->make(compilation, node));
    if (kernel) {
      kernel->set_threads(threads);
      return kernel;
    }
  }
  return nullptr;
}

}  // namespace synsight::xnnpack
