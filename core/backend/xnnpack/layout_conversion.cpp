// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/layout_conversion.h"

#include <array>
#include <cstring>
#include <utility>

#include "core/backend/xnnpack/xnn_operator.h"

namespace synsight::xnnpack {

namespace {

class LayoutConversion final : public Kernel {
 public:
  explicit LayoutConversion(XnnOperator op) : op_(std::move(op)) {}

  std::string_view name() const override { return "xnn transpose"; }

  Result<size_t> reshape(std::span<const Operand> inputs, std::span<const Operand> outputs,
                         pthreadpool_t threads) override {
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
        xnn_reshape_transpose_nd_x32(op_.get(), 3, dims.data(), kSwapLast.data(), threads),
        "reshape transpose"));
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    if (is_empty_) return {};
    return check_xnn(xnn_setup_transpose_nd_x32(op_.get(), inputs[0], outputs[0]),
                     "setup transpose");
  }

  Status run(pthreadpool_t threads) override {
    if (is_empty_) return {};
    return check_xnn(xnn_run_operator(op_.get(), threads), "run transpose");
  }

 private:
  XnnOperator op_;
  bool is_empty_ = false;
};

/// Copies [N, rows, columns] to [N, columns, rows].
Result<Tensor> swap_last(const TensorView& source, size_t rows, size_t columns) {
  SYNSIGHT_TRY_ASSIGN(Tensor target, Tensor::allocate(source.dtype, source.shape));
  const size_t size = dtype_size(source.dtype);
  const auto* from = static_cast<const std::byte*>(source.data);
  auto* to = static_cast<std::byte*>(target.data());
  const auto batch = static_cast<size_t>(source.shape[0]);
  for (size_t n = 0; n < batch; ++n) {
    for (size_t row = 0; row < rows; ++row) {
      for (size_t column = 0; column < columns; ++column) {
        std::memcpy(to + ((n * columns + column) * rows + row) * size,
                    from + ((n * rows + row) * columns + column) * size, size);
      }
    }
  }
  return target;
}

}  // namespace

Result<std::unique_ptr<Kernel>> make_layout_conversion() {
  SYNSIGHT_TRY_ASSIGN(XnnOperator op,
                      create_operator("create transpose", xnn_create_transpose_nd_x32, 0u));
  return std::make_unique<LayoutConversion>(std::move(op));
}

Result<Tensor> to_channels_last(const TensorView& plain) {
  const Shape& shape = plain.shape;
  return swap_last(plain, static_cast<size_t>(shape[1]), static_cast<size_t>(shape[2] * shape[3]));
}

Result<Tensor> to_plain(const TensorView& channels_last) {
  const Shape& shape = channels_last.shape;
  return swap_last(channels_last, static_cast<size_t>(shape[2] * shape[3]),
                   static_cast<size_t>(shape[1]));
}

}  // namespace synsight::xnnpack
