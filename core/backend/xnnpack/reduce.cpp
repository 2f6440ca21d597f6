// SPDX-License-Identifier: Apache-2.0
#include "core/ops/reduce.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/backend/xnnpack/clamp.h"
#include "core/backend/xnnpack/kernels.h"
#include "core/backend/xnnpack/xnn_operator.h"

namespace synsight::xnnpack {

namespace {

/// ReduceMean, ReduceSum and GlobalAveragePool over constant axes.
class Reduce final : public XnnKernel {
 public:
  Reduce(const Node& node, XnnOperator op, Clamp clamp)
      : node_(node), op_(std::move(op)), clamp_(std::move(clamp)) {}

  std::string_view name() const override { return "xnn reduce"; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return XnnKernel::accepts(inputs.first(1), outputs) &&
           inputs[0].info.shape.rank() <= XNN_MAX_TENSOR_DIMS && !axes_of(inputs).empty();
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    const bool was_last = inputs[0].layout == Layout::kChannelsLast;
    Kernel::choose_layouts(inputs, outputs);
    if (!was_last) return;
    const std::vector<size_t> axes = axes_of(inputs);
    const auto is_reduced = [&](size_t axis) {
      return std::find(axes.begin(), axes.end(), axis) != axes.end();
    };
    const bool keeps_rank = outputs[0].info.shape.rank() == 4;
    // Without kept dimensions the rest must lie in the same order in both layouts.
    if (!keeps_rank && !is_reduced(1) && !(is_reduced(2) && is_reduced(3))) return;
    inputs[0].layout = Layout::kChannelsLast;
    if (keeps_rank) outputs[0].layout = Layout::kChannelsLast;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    constexpr std::array<int64_t, 4> kPlaceOfAxis = {0, 3, 1, 2};
    std::vector<int64_t> places;
    for (const size_t axis : axes_of(inputs)) {
      places.push_back(inputs[0].layout == Layout::kPlain ? static_cast<int64_t>(axis)
                                                          : kPlaceOfAxis[axis]);
    }
    std::sort(places.begin(), places.end());
    const std::vector<size_t> sizes = to_sizes(inputs[0].memory_shape());
    size_t scratch_bytes = 0;
    size_t alignment = 0;
    SYNSIGHT_TRY(
        check_xnn(xnn_reshape_reduce_nd(op_.get(), places.size(), places.data(), sizes.size(),
                                        sizes.data(), &scratch_bytes, &alignment, threads()),
                  "reshape reduce"));
    SYNSIGHT_TRY(clamp_.reshape(outputs[0].info.shape.num_elements(), threads()));
    return 0;  // the reported scratch memory serves only other element types
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    SYNSIGHT_TRY(
        check_xnn(xnn_setup_reduce_nd(op_.get(), nullptr, inputs[0], outputs[0]), "setup reduce"));
    return clamp_.setup(outputs[0]);
  }

  Status run() override {
    SYNSIGHT_TRY(check_xnn(xnn_run_operator(op_.get(), threads()), "run reduce"));
    return clamp_.run(threads());
  }

 private:
  /// The axes that are reduced; empty where a run gives them.
  std::vector<size_t> axes_of(std::span<const Operand> inputs) const {
    const size_t rank = inputs[0].info.shape.rank();
    std::vector<size_t> axes;
    if (node_.op_type == "GlobalAveragePool") {
      for (size_t axis = 2; axis < rank; ++axis) axes.push_back(axis);
      return axes;
    }
    std::vector<TensorView> views;
    for (const Operand& input : inputs) views.push_back(input.info.view());
    const auto params = ops::parse_reduce_params(node_, views);
    for (size_t axis = 0; params && axis < rank; ++axis) {
      if (params->is_reduced[axis]) axes.push_back(axis);
    }
    return axes;
  }

  const Node& node_;
  XnnOperator op_;
  Clamp clamp_;
};

}  // namespace

Result<std::unique_ptr<XnnKernel>> make_reduce(const Compilation& /*compilation*/,
                                               const Node& node) {
  const auto type = node.op_type == "ReduceSum" ? xnn_reduce_sum : xnn_reduce_mean;
  SYNSIGHT_TRY_ASSIGN(XnnOperator op, create_operator("create reduce", xnn_create_reduce_nd, type,
                                                      xnn_datatype_fp32, nullptr, nullptr, 0u));
  SYNSIGHT_TRY_ASSIGN(Clamp clamp, Clamp::create(node.activation));
  return std::make_unique<Reduce>(node, std::move(op), std::move(clamp));
}

}  // namespace synsight::xnnpack
