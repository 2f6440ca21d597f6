// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "core/ops/scatter_nd.h"
#include "native/cuda/functors/integers.h"
#include "native/cuda/functors/scatter.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/indices.h"
#include "native/cuda/kernels/launch_kernel.h"

namespace synsight::cuda {

namespace {

using ops::ScatterReduction;

/// How many tuples there are; they are the indices' last axis.
int64_t count_tuples(const Shape& indices) {
  return static_cast<int64_t>(indices.num_elements()) / indices[indices.rank() - 1];
}

/// ScatterND. An update whose tuple is outside is left out: nobody could be told while a device
/// runs. Tuples that are known before a run are checked then. Several updates of one slice are
/// joined in no fixed order; without a reduction the last one counts.
class ScatterKernel final : public LaunchKernel {
 public:
  ScatterKernel(Queue& queue, const Node& node, ScatterReduction reduction)
      : LaunchKernel(queue, node, "scatter"), reduction_(reduction) {}

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    const DType dtype = inputs[0].info.dtype;
    const bool is_counted =
        count_tuples(inputs[1].info.shape) < std::numeric_limits<int32_t>::max();
    const bool is_same = inputs[2].info.dtype == dtype && outputs[0].info.dtype == dtype;
    const bool are_floats = LaunchKernel::accepts(inputs, outputs) && is_float(inputs[2]);
    const bool moves_bytes = reduction_ == ScatterReduction::kNone || is_integer_storage(dtype);
    return is_counted && (are_floats || (is_same && moves_bytes));
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    Kernel::choose_layouts(inputs, outputs);
    keep_dtype(inputs, outputs);
    inputs[2].info.dtype = inputs[0].info.dtype;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    const Shape& data = inputs[0].info.shape;
    const Shape& indices = inputs[1].info.shape;
    const auto length = static_cast<size_t>(indices[indices.rank() - 1]);
    const auto dims = data.dims().first(length);
    SYNSIGHT_TRY(check_known_indices(inputs[1], dims));
    num_tuples_ = count_tuples(indices);
    tuples_.length = static_cast<int>(length);
    std::copy(dims.begin(), dims.end(), tuples_.dims);
    num_slices_ = 1;
    for (const int64_t dim : dims) num_slices_ *= dim;
    output_ = outputs[0];
    return static_cast<size_t>(num_slices_ + num_tuples_) * sizeof(int32_t);
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* scratch) override {
    unbind();
    auto* const first = static_cast<int32_t*>(scratch);
    const UpdateChains chains{first, first + num_slices_};
    bind(ClearChains{chains}, num_slices_);
    bind(ChainUpdates{chains, {inputs[1], true}, tuples_}, num_tuples_);
    if (reduction_ == ScatterReduction::kNone) {
      bind_replacing(chains, inputs, outputs[0]);
    } else {
      bind_reducing(chains, inputs, outputs[0]);
    }
    bind_activation(output_, outputs[0]);
    return {};
  }

 private:
  int64_t slice_size() const { return num_elements(output_) / num_slices_; }

  void bind_replacing(const UpdateChains& chains, std::span<const void* const> inputs, void* y) {
    ReplaceSlices replace;
    replace.chains = chains;
    replace.inner = slice_size();
    replace.unit_size = dtype_size(output_.info.dtype);
    replace.target = y;
    replace.data = inputs[0];
    replace.updates = inputs[2];
    const int64_t factor = widen_units(replace.unit_size, replace.inner);
    bind(replace, num_elements(output_) / factor);
  }

  void bind_reducing(const UpdateChains& chains, std::span<const void* const> inputs, void* y) {
    const auto bind_as = [&](auto type) {
      using T = decltype(type);
      bind(ReduceSlices<T>{chains, slice_size(), reduction_, static_cast<T*>(y),
                           static_cast<const T*>(inputs[0]), static_cast<const T*>(inputs[2])},
           num_elements(output_));
    };
    if (!visit_float_storage(output_.info.dtype, bind_as)) {
      visit_integer_storage(output_.info.dtype, bind_as);
    }
  }

  ScatterReduction reduction_;
  IndexTuples tuples_;
  int64_t num_tuples_ = 0;
  int64_t num_slices_ = 1;
  Operand output_;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_scatter_nd(const Compilation& compilation, const Node& node) {
  SYNSIGHT_TRY_ASSIGN(const ScatterReduction reduction, ops::parse_scatter_reduction(node));
  return std::make_unique<ScatterKernel>(compilation.queue, node, reduction);
}

}  // namespace synsight::cuda
