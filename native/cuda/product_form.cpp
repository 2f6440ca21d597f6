// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/product_form.h"

#include <limits>

#include "core/ops/gemm.h"
#include "core/ops/matmul.h"

namespace synsight::cuda {

namespace {

bool is_row(const Shape& shape, int64_t n) {
  return shape.rank() > 0 && shape[shape.rank() - 1] == n &&
         static_cast<int64_t>(shape.num_elements()) == n;
}

/// C of the output [m,n]; false where it does not fit.
bool add_c(const Operand& c, const Operand& output, float beta, bool is_packed, DenseSpec& spec) {
  if (!is_packed && c.info.dtype != output.info.dtype) return false;
  if (is_packed || is_row(c.info.shape, spec.n)) {
    spec.has_bias = true;
    return is_packed || beta == 1;
  }
  spec.beta = beta;
  return c.info.shape == Shape{spec.m, spec.n};
}

bool set_gemm(const Node& node, std::span<const Operand> inputs, const Operand& output,
              const PackedProduct& packed, DenseSpec& spec) {
  const auto params = ops::parse_gemm(node, inputs[0].info.shape, inputs[1].info.shape);
  if (!params) return false;
  spec.m = params->m;
  spec.n = params->n;
  spec.k = params->k;
  spec.transpose_a = params->is_a_transposed;
  spec.transpose_b = params->is_b_transposed || packed.has_b;
  spec.alpha = params->alpha;
  const bool has_c = inputs.size() > 2 && inputs[2].exists();
  return !has_c || add_c(inputs[2], output, params->beta, packed.has_c, spec);
}

bool set_matmul(std::span<const Operand> inputs, const PackedProduct& packed, DenseSpec& spec) {
  const auto params = ops::parse_matmul(inputs[0].info.shape, inputs[1].info.shape);
  if (!params) return false;
  spec.m = params->m;
  spec.n = params->n;
  spec.k = params->k;
  spec.transpose_b = packed.has_b;
  const auto batch = static_cast<int64_t>(params->batch.num_elements());
  const auto num_a = static_cast<int64_t>(params->a_batch.num_elements());
  const auto num_b = static_cast<int64_t>(params->b_batch.num_elements());
  if (num_b == 1 && num_a == batch) {
    spec.m *= batch;  // one B for all: the rows of all matrices are those of one
    return true;
  }
  spec.batch = batch;
  spec.a_step = num_a == 1 ? 0 : spec.m * spec.k;
  spec.b_step = num_b == 1 ? 0 : spec.k * spec.n;
  spec.d_step = spec.m * spec.n;
  return (num_a == batch || num_a == 1) && (num_b == batch || num_b == 1) &&
         batch <= std::numeric_limits<int32_t>::max();
}

}  // namespace

std::optional<DenseSpec> find_product_form(const Node& node, std::span<const Operand> inputs,
                                           const Operand& output, const PackedProduct& packed,
                                           bool allow_tf32) {
  DenseSpec spec;
  const bool is_known = node.op_type == "Gemm" ? set_gemm(node, inputs, output, packed, spec)
                                               : set_matmul(inputs, packed, spec);
  if (!is_known || spec.m < 1 || spec.n < 1 || spec.k < 1 || spec.batch < 1) return std::nullopt;
  spec.factors = inputs[0].info.dtype;
  spec.result = output.info.dtype;
  spec.allow_tf32 = allow_tf32;
  const ActivationRange& range = node.activation;
  spec.has_relu = range.min == 0 && range.max == std::numeric_limits<float>::infinity();
  return spec;
}

}  // namespace synsight::cuda
