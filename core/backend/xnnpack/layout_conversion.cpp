// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/layout_conversion.h"

#include <array>
#include <utility>

#include "core/backend/xnnpack/xnn_operator.h"

namespace synsight::xnnpack {

namespace {

class LayoutConversion final : public XnnKernel {
 public:
  explicit LayoutConversion(XnnOperator op) : op_(std::move(op)) {}

  std::string_view name() const override { return "xnn transpose"; }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    const Shape shape = inputs[0].info.shape;
    const auto channels = static_cast<size_t>(shape[1]);
    const auto pixels = static_cast<size_t>(shape[2] * shape[3]);
    const bool to_last = outputs[0].layout == Layout::kChannelsLast;
    const std::array<size_t, 3> dims = {static_cast<size_t>(shape[0]), to_last ? channels : pixels,
                                        to_last ? pixels : channels};
    constexpr std::array<size_t, 3> kSwapLast = {0, 2, 1};
    is_empty_ = shape.num_elements() == 0;
    if (is_empty_) return 0;
    SYNSIGHT_TRY(check_xnn(
        xnn_reshape_transpose_nd_x32(op_.get(), 3, dims.data(), kSwapLast.data(), threads()),
        "reshape transpose"));
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    if (is_empty_) return {};
    return check_xnn(xnn_setup_transpose_nd_x32(op_.get(), inputs[0], outputs[0]),
                     "setup transpose");
  }

  Status run() override {
    if (is_empty_) return {};
    return check_xnn(xnn_run_operator(op_.get(), threads()), "run transpose");
  }

 private:
  XnnOperator op_;
  bool is_empty_ = false;
};

}  // namespace

Result<std::unique_ptr<XnnKernel>> make_layout_conversion() {
  SYNSIGHT_TRY_ASSIGN(XnnOperator op,
                      create_operator("create transpose", xnn_create_transpose_nd_x32, 0u));
  return std::make_unique<LayoutConversion>(std::move(op));
}

}  // namespace synsight::xnnpack
