// SPDX-License-Identifier: Apache-2.0
#include "core/ops/gather.h"
#include "native/cuda/functors/gather.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/activation.h"
#include "native/cuda/kernels/operands.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

namespace {

/// By indices that are known before a run: nobody could be told of one that is outside.
class GatherKernel final : public Kernel {
 public:
  GatherKernel(Queue& queue, const Node& node)
      : queue_(queue), node_(node), clamp_(clamp_of(node)) {}

  std::string_view name() const override { return "gather"; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return inputs[1].info.is_known() && (inputs[0].info.dtype == outputs[0].info.dtype ||
                                         (is_float(inputs[0]) && is_float(outputs[0])));
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    Kernel::choose_layouts(inputs, outputs);
    keep_dtype(inputs, outputs);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    const Shape& data = inputs[0].info.shape;
    SYNSIGHT_TRY_ASSIGN(const size_t axis, ops::parse_gather_axis(node_, data.rank()));
    const TensorView indices = inputs[1].info.view();
    for (size_t i = 0; i < indices.shape.num_elements(); ++i) {
      SYNSIGHT_TRY(ops::index_at(indices, i, data[axis]));
    }
    gather_ = {};
    gather_.dim = data[axis];
    gather_.inner = 1;
    for (size_t i = axis + 1; i < data.rank(); ++i) gather_.inner *= data[i];
    gather_.num_indices = num_elements(inputs[1]);
    gather_.is_wide = inputs[1].info.dtype == DType::kInt64;
    gather_.unit_size = dtype_size(outputs[0].info.dtype);
    num_units_ = num_elements(outputs[0]);
    while (gather_.unit_size < kMaxUnit && gather_.inner % 2 == 0) {
      gather_.unit_size *= 2;
      gather_.inner /= 2;
      num_units_ /= 2;
    }
    output_ = outputs[0];
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    gather_.source = inputs[0];
    gather_.indices = inputs[1];
    gather_.target = outputs[0];
    return {};
  }

  Status run() override {
    SYNSIGHT_TRY(launch(queue_, gather_, num_units_));
    return queue_activation(queue_, clamp_, output_, gather_.target);
  }

 private:
  Queue& queue_;
  const Node& node_;
  Clamp clamp_;
  Gather gather_;
  int64_t num_units_ = 0;
  Operand output_;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_gather(const Compilation& compilation, const Node& node) {
  return std::make_unique<GatherKernel>(compilation.queue, node);
}

}  // namespace synsight::cuda
