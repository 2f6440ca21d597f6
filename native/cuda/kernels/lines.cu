// SPDX-License-Identifier: Apache-2.0
#include "core/ops/cum_sum.h"
#include "core/ops/top_k.h"
#include "native/cuda/functors/cumulative_sum.h"
#include "native/cuda/functors/integers.h"
#include "native/cuda/functors/top_k.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/launch_kernel.h"

namespace synsight::cuda {

namespace {

/// The largest k whose elements are found one after the other.
constexpr int64_t kMostSelected = 32;

/// What is computed line by line along one axis, in whatever type.
class LineKernel : public LaunchKernel {
 public:
  using LaunchKernel::LaunchKernel;

  bool accepts(std::span<const Operand> inputs,
               std::span<const Operand> /*outputs*/) const override {
    return is_float(inputs[0]) || is_integer_storage(inputs[0].info.dtype);
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    Kernel::choose_layouts(inputs, outputs);
    keep_dtype(inputs, outputs.first(1));
  }

 protected:
  void set_axis(const Operand& input, size_t axis) {
    const Shape& shape = input.info.shape;
    dtype_ = input.info.dtype;
    length_ = shape[axis];
    num_lines_ = num_elements(input) / length_;
    int64_t inner = 1;
    for (size_t i = axis + 1; i < shape.rank(); ++i) inner *= shape[i];
    inner_ = Divider(inner);
  }

  /// Calls visitor(T{}) with the input's element type.
  template <typename Visitor>
  void visit_type(const Visitor& visitor) const {
    if (!visit_float_storage(dtype_, visitor)) visit_integer_storage(dtype_, visitor);
  }

  int64_t length_ = 0;
  int64_t num_lines_ = 0;
  Divider inner_;

 private:
  DType dtype_ = DType::kUndefined;
};

class CumSumKernel final : public LineKernel {
 public:
  CumSumKernel(Queue& queue, const Node& node) : LineKernel(queue, node, "cumulative sum") {}

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    SYNSIGHT_TRY_ASSIGN(params_, ops::parse_cum_sum(node(), views_of(inputs)));
    set_axis(inputs[0], params_.axis);
    output_ = outputs[0];
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unbind();
    visit_type([&](auto type) {
      using T = decltype(type);
      bind(CumulativeSum<T>{static_cast<const T*>(inputs[0]), static_cast<T*>(outputs[0]), length_,
                            inner_, params_.is_exclusive, params_.is_reverse},
           num_lines_);
    });
    bind_activation(output_, outputs[0]);
    return {};
  }

 private:
  ops::CumSumParams params_;
  Operand output_;
};

class TopKKernel final : public LineKernel {
 public:
  TopKKernel(Queue& queue, const Node& node) : LineKernel(queue, node, "top k") {}

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    SYNSIGHT_TRY_ASSIGN(params_, ops::parse_top_k(node(), views_of(inputs)));
    set_axis(inputs[0], params_.axis);
    values_ = outputs[0];
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unbind();
    visit_type([&](auto type) {
      using T = decltype(type);
      TopShape<T> shape;
      shape.x = static_cast<const T*>(inputs[0]);
      shape.values = static_cast<T*>(outputs[0]);
      shape.indices = outputs.size() > 1 ? static_cast<int64_t*>(outputs[1]) : nullptr;
      shape.length = length_;
      shape.k = params_.k;
      shape.inner = inner_;
      shape.is_largest = params_.is_largest;
      if (params_.k <= kMostSelected) {
        bind_rows(SelectTop<T>{shape}, num_lines_);
      } else {
        bind(RankTop<T>{shape, Divider(length_)}, num_lines_ * length_);
      }
    });
    if (values_.exists()) bind_activation(values_, outputs[0]);
    return {};
  }

 private:
  ops::TopKParams params_;
  Operand values_;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_cum_sum(const Compilation& compilation, const Node& node) {
  return std::make_unique<CumSumKernel>(compilation.queue, node);
}

Result<std::unique_ptr<Kernel>> make_top_k(const Compilation& compilation, const Node& node) {
  return std::make_unique<TopKKernel>(compilation.queue, node);
}

}  // namespace synsight::cuda
