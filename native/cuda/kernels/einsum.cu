// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/ops/einsum.h"
#include "native/cuda/functors/sum_products.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/launch_kernel.h"

namespace synsight::cuda {

namespace {

/// Shorter sums are not worth a row of lanes.
constexpr int64_t kLeastRow = 16;

class EinsumKernel final : public LaunchKernel {
 public:
  EinsumKernel(const Compilation& compilation, const Node& node)
      : LaunchKernel(compilation.queue, node, "sums of products"), storage_(compilation.storage) {}

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    Kernel::choose_layouts(inputs, outputs);
    for (Operand& input : inputs) input.info.dtype = storage_;
    outputs[0].info.dtype = storage_;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> /*outputs*/) override {
    std::vector<ops::ValueInfo> infos;
    for (const Operand& input : inputs) infos.push_back(input.info);
    SYNSIGHT_TRY_ASSIGN(params_, ops::parse_einsum(node(), infos));
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unbind();
    visit_float_storage(storage_, [&](auto type) {
      using T = decltype(type);
      SumProducts<T> functor;
      functor.a = static_cast<const T*>(inputs[0]);
      functor.b = inputs.size() > 1 ? static_cast<const T*>(inputs[1]) : nullptr;
      functor.y = static_cast<T*>(outputs[0]);
      functor.a_outputs = map_of(params_.output, params_.output_strides[0]);
      functor.b_outputs = map_of(params_.output, params_.output_strides[1]);
      functor.a_summed = map_of(params_.summed, params_.summed_strides[0]);
      functor.b_summed = map_of(params_.summed, params_.summed_strides[1]);
      functor.length = static_cast<int64_t>(params_.summed.num_elements());
      functor.clamp = clamp();
      const auto count = static_cast<int64_t>(params_.output.num_elements());
      if (functor.length >= kLeastRow && sums_neighbours()) {
        bind_rows(functor, count);
      } else {
        bind(functor, count);
      }
    });
    return {};
  }

 private:
  /// Whether along the last summed axis every operand lies together or stands still.
  bool sums_neighbours() const {
    const size_t last = params_.summed.rank() - 1;
    return std::all_of(params_.summed_strides.begin(), params_.summed_strides.end(),
                       [&](const ops::Strides& strides) { return strides[last] <= 1; });
  }

  DType storage_;
  ops::EinsumParams params_;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_einsum(const Compilation& compilation, const Node& node) {
  return std::make_unique<EinsumKernel>(compilation, node);
}

}  // namespace synsight::cuda
