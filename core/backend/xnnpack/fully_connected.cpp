// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "core/backend/xnnpack/clamp.h"
#include "core/backend/xnnpack/kernels.h"
#include "core/backend/xnnpack/xnn_operator.h"
#include "core/graph/attributes.h"

namespace synsight::xnnpack {

namespace {

/// Rows of the first input times constant weights: Gemm, and MatMul with a constant matrix.
class FullyConnected final : public XnnKernel {
 public:
  FullyConnected(XnnOperator op, size_t num_inputs_per_row, bool packs_bias)
      : op_(std::move(op)), row_length_(num_inputs_per_row), packs_bias_(packs_bias) {}

  std::string_view name() const override { return "xnn fully connected"; }
  bool has_packed(size_t input) const override { return input == 1 || (input == 2 && packs_bias_); }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> /*outputs*/) override {
    const size_t num_rows = inputs[0].info.shape.num_elements() / row_length_;
    SYNSIGHT_TRY(check_xnn(xnn_reshape_fully_connected_nc_f32(op_.get(), num_rows, threads()),
                           "reshape fully connected"));
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    return check_xnn(
        xnn_setup_fully_connected_nc_f32(op_.get(), static_cast<const float*>(inputs[0]),
                                         static_cast<float*>(outputs[0])),
        "setup fully connected");
  }

  Status run() override {
    return check_xnn(xnn_run_operator(op_.get(), threads()), "run fully connected");
  }

 private:
  XnnOperator op_;
  size_t row_length_;
  bool packs_bias_;
};

/// Packs a [in,out] matrix, or [out,in] where `is_transposed`, scaled by `alpha`; `bias` is empty
/// or one value an output.
Result<std::unique_ptr<XnnKernel>> pack(const Node& node, const TensorView& weights,
                                        bool is_transposed, float alpha,
                                        const std::vector<float>& bias) {
  const auto rows = static_cast<size_t>(weights.shape[0]);
  const auto columns = static_cast<size_t>(weights.shape[1]);
  const size_t num_inputs = is_transposed ? columns : rows;
  const size_t num_outputs = is_transposed ? rows : columns;
  if (num_inputs == 0 || num_outputs == 0) return nullptr;
  const float* elements = weights.as<float>().data();
  std::vector<float> scaled;
  if (alpha != 1) {
    scaled.assign(elements, elements + rows * columns);
    for (float& element : scaled) element *= alpha;
    elements = scaled.data();
  }
  SYNSIGHT_TRY_ASSIGN(
      XnnOperator op,
      create_operator("create fully connected", xnn_create_fully_connected_nc_f32, num_inputs,
                      num_outputs, num_inputs, num_outputs, elements,
                      bias.empty() ? nullptr : bias.data(), node.activation.min,
                      node.activation.max, is_transposed ? 0u : XNN_FLAG_TRANSPOSE_WEIGHTS, nullptr,
                      nullptr));
  return std::make_unique<FullyConnected>(std::move(op), num_inputs, !bias.empty());
}

bool is_constant_f32(const TensorView& view) {
  return view.dtype == DType::kFloat32 && view.data != nullptr;
}

/// A batch of products of two fed tensors, with NumPy's broadcasting of the leading dimensions.
class BatchMatMul final : public XnnKernel {
 public:
  BatchMatMul(XnnOperator op, Clamp clamp) : op_(std::move(op)), clamp_(std::move(clamp)) {}

  std::string_view name() const override { return "xnn batch matrix multiply"; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return XnnKernel::accepts(inputs, outputs) && inputs[0].info.shape.rank() >= 2 &&
           inputs[1].info.shape.rank() >= 2 && outputs[0].info.shape.rank() <= XNN_MAX_TENSOR_DIMS;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    const std::vector<size_t> a = to_sizes(inputs[0].info.shape);
    const std::vector<size_t> b = to_sizes(inputs[1].info.shape);
    const size_t num_batch_dims = outputs[0].info.shape.rank() - 2;
    std::vector<size_t> batch_a(num_batch_dims, 1);
    std::vector<size_t> batch_b(num_batch_dims, 1);
    std::copy_backward(a.begin(), a.end() - 2, batch_a.end());
    std::copy_backward(b.begin(), b.end() - 2, batch_b.end());
    size_t scratch_bytes = 0;
    size_t alignment = 0;
    SYNSIGHT_TRY(
        check_xnn(xnn_reshape_batch_matrix_multiply_nc_f32(
                      op_.get(), num_batch_dims, batch_a.data(), batch_b.data(), a[a.size() - 2],
                      a[a.size() - 1], b[b.size() - 1], &scratch_bytes, &alignment, threads()),
                  "reshape batch matrix multiply"));
    SYNSIGHT_TRY(clamp_.reshape(outputs[0].info.shape.num_elements(), threads()));
    return scratch_bytes;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* scratch) override {
    SYNSIGHT_TRY(
        check_xnn(xnn_setup_batch_matrix_multiply_nc_f32(
                      op_.get(), scratch, static_cast<const float*>(inputs[0]),
                      static_cast<const float*>(inputs[1]), static_cast<float*>(outputs[0])),
                  "setup batch matrix multiply"));
    return clamp_.setup(outputs[0]);
  }

  Status run() override {
    SYNSIGHT_TRY(check_xnn(xnn_run_operator(op_.get(), threads()), "run batch matrix multiply"));
    return clamp_.run(threads());
  }

 private:
  XnnOperator op_;
  Clamp clamp_;
};

}  // namespace

Result<std::unique_ptr<XnnKernel>> make_gemm(const Compilation& compilation, const Node& node) {
  SYNSIGHT_TRY_ASSIGN(const float alpha, float_attribute(node, "alpha", 1));
  SYNSIGHT_TRY_ASSIGN(const float beta, float_attribute(node, "beta", 1));
  SYNSIGHT_TRY_ASSIGN(const int64_t trans_a, int_attribute(node, "transA", 0));
  SYNSIGHT_TRY_ASSIGN(const int64_t trans_b, int_attribute(node, "transB", 0));
  const TensorView weights = constant_input(compilation.graph, node, 1);
  if (trans_a != 0 || !is_constant_f32(weights) || weights.shape.rank() != 2) return nullptr;
  std::vector<float> bias;
  if (has_input(node, 2)) {
    const TensorView c = constant_input(compilation.graph, node, 2);
    const auto num_outputs = static_cast<size_t>(weights.shape[trans_b != 0 ? 0 : 1]);
    if (!is_constant_f32(c)) return nullptr;
    const size_t num_biases = c.shape.num_elements();
    const bool is_row =
        c.shape.rank() == 0 || static_cast<size_t>(c.shape[c.shape.rank() - 1]) == num_biases;
    if (!is_row || (num_biases != 1 && num_biases != num_outputs)) return nullptr;
    const auto values = c.as<float>();
    for (size_t i = 0; i < num_outputs; ++i) bias.push_back(beta * values[num_biases == 1 ? 0 : i]);
  }
  return pack(node, weights, trans_b != 0, alpha, bias);
}

Result<std::unique_ptr<XnnKernel>> make_matmul(const Compilation& compilation, const Node& node) {
  const TensorView weights = constant_input(compilation.graph, node, 1);
  if (is_constant_f32(weights) && weights.shape.rank() == 2) {
    return pack(node, weights, false, 1, {});
  }
  SYNSIGHT_TRY_ASSIGN(XnnOperator op, create_operator("create batch matrix multiply",
                                                      xnn_create_batch_matrix_multiply_nc_f32, 0u));
  SYNSIGHT_TRY_ASSIGN(Clamp clamp, Clamp::create(node.activation));
  return std::make_unique<BatchMatMul>(std::move(op), std::move(clamp));
}

}  // namespace synsight::xnnpack
