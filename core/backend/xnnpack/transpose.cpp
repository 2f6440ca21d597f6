// SPDX-License-Identifier: Apache-2.0
#include "core/ops/transpose.h"

#include <array>
#include <utility>
#include <vector>

#include "core/backend/xnnpack/kernels.h"
#include "core/backend/xnnpack/xnn_operator.h"

namespace synsight::xnnpack {

namespace {

/// Reads its input in whatever layout it has: tf2onnx's NCHW -> NHWC of a channels-last value moves
/// no byte.
class Transpose final : public XnnKernel {
 public:
  Transpose(const Node& node, XnnOperator op) : node_(node), op_(std::move(op)) {}

  std::string_view name() const override { return is_alias_ ? "alias" : "xnn transpose"; }
  bool is_alias() const override { return is_alias_; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return inputs[0].info.shape.rank() <= XNN_MAX_TENSOR_DIMS &&
           dtype_size(outputs[0].info.dtype) == sizeof(uint32_t);
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    const auto perm = ops::parse_permutation(node_, inputs[0].info.shape.rank());
    const bool is_from_nhwc = perm && *perm == std::vector<size_t>{0, 3, 1, 2};
    const bool gives_image = is_from_nhwc && outputs[0].info.dtype == DType::kFloat32 &&
                             inputs[0].layout == Layout::kPlain;
    outputs[0].layout = gives_image ? Layout::kChannelsLast : Layout::kPlain;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    constexpr std::array<size_t, 4> kAxisAtPlace = {0, 2, 3, 1};
    constexpr std::array<size_t, 4> kPlaceOfAxis = {0, 3, 1, 2};
    const size_t rank = inputs[0].info.shape.rank();
    SYNSIGHT_TRY_ASSIGN(const std::vector<size_t> perm, ops::parse_permutation(node_, rank));
    std::vector<size_t> memory_perm;
    is_alias_ = true;
    for (size_t place = 0; place < rank; ++place) {
      const size_t to = outputs[0].layout == Layout::kPlain ? place : kAxisAtPlace[place];
      const size_t from = perm[to];
      memory_perm.push_back(inputs[0].layout == Layout::kPlain ? from : kPlaceOfAxis[from]);
      is_alias_ = is_alias_ && memory_perm.back() == place;
    }
    if (is_alias_) return 0;
    const std::vector<size_t> sizes = to_sizes(inputs[0].memory_shape());
    SYNSIGHT_TRY(check_xnn(
        xnn_reshape_transpose_nd_x32(op_.get(), rank, sizes.data(), memory_perm.data(), threads()),
        "reshape transpose"));
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    return check_xnn(xnn_setup_transpose_nd_x32(op_.get(), inputs[0], outputs[0]),
                     "setup transpose");
  }

  Status run() override {
    return check_xnn(xnn_run_operator(op_.get(), threads()), "run transpose");
  }

 private:
  const Node& node_;
  XnnOperator op_;
  bool is_alias_ = false;
};

}  // namespace

Result<std::unique_ptr<XnnKernel>> make_transpose(const Compilation& /*compilation*/,
                                                  const Node& node) {
  if (!node.activation.is_identity()) return nullptr;
  SYNSIGHT_TRY_ASSIGN(XnnOperator op,
                      create_operator("create transpose", xnn_create_transpose_nd_x32, 0u));
  return std::make_unique<Transpose>(node, std::move(op));
}

}  // namespace synsight::xnnpack
