// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/ops/gather.h"
#include "native/cuda/functors/gather.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/indices.h"
#include "native/cuda/kernels/launch_kernel.h"

namespace synsight::cuda {

namespace {

/// Elements of any type, taken by indices, which a functor does. Nobody could be told while a
/// device runs of one that is outside: it takes zeros. Those that are known before a run are
/// checked then.
template <typename Functor>
class TakingKernel : public LaunchKernel {
 public:
  TakingKernel(Queue& queue, const Node& node) : LaunchKernel(queue, node, "gather") {}

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return inputs[0].info.dtype == outputs[0].info.dtype ||
           (is_float(inputs[0]) && is_float(outputs[0]));
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    Kernel::choose_layouts(inputs, outputs);
    keep_dtype(inputs, outputs);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    functor_ = {};
    functor_.unit_size = dtype_size(outputs[0].info.dtype);
    num_units_ = num_elements(outputs[0]);
    functor_.indices.is_wide = inputs[1].info.dtype == DType::kInt64;
    output_ = outputs[0];
    SYNSIGHT_TRY(plan(inputs));
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unbind();
    functor_.indices.data = inputs[1];
    functor_.source = inputs[0];
    functor_.target = outputs[0];
    bind(functor_, num_units_);
    bind_activation(output_, outputs[0]);
    return {};
  }

 protected:
  /// Sets what in the functor follows from the shapes.
  virtual Status plan(std::span<const Operand> inputs) = 0;

  Functor& functor() { return functor_; }

  /// Makes the units as large as neighbours in `inner` allow.
  void widen() { num_units_ /= widen_units(functor_.unit_size, functor_.inner); }

 private:
  Functor functor_;
  int64_t num_units_ = 0;
  Operand output_;
};

class GatherKernel final : public TakingKernel<Gather> {
 public:
  using TakingKernel::TakingKernel;

 protected:
  Status plan(std::span<const Operand> inputs) override {
    const Shape& data = inputs[0].info.shape;
    SYNSIGHT_TRY_ASSIGN(const size_t axis, ops::parse_gather_axis(node(), data.rank()));
    functor().dim = data[axis];
    functor().num_indices = num_elements(inputs[1]);
    for (size_t i = axis + 1; i < data.rank(); ++i) functor().inner *= data[i];
    widen();
    return check_known_indices(inputs[1], data.dims().subspan(axis, 1));
  }
};

class GatherSlicesKernel final : public TakingKernel<GatherSlices> {
 public:
  using TakingKernel::TakingKernel;

 protected:
  Status plan(std::span<const Operand> inputs) override {
    const Shape& data = inputs[0].info.shape;
    const Shape& indices = inputs[1].info.shape;
    SYNSIGHT_TRY_ASSIGN(const ops::GatherTuples tuples,
                        ops::parse_gather_tuples(node(), data, indices));
    const auto dims = data.dims().subspan(tuples.batch_dims, tuples.length);
    functor().tuples.length = static_cast<int>(tuples.length);
    std::copy(dims.begin(), dims.end(), functor().tuples.dims);
    for (size_t i = tuples.batch_dims; i + 1 < indices.rank(); ++i) {
      functor().tuples_per_batch *= indices[i];
    }
    for (size_t i = tuples.batch_dims + tuples.length; i < data.rank(); ++i) {
      functor().inner *= data[i];
    }
    widen();
    return check_known_indices(inputs[1], dims);
  }
};

class GatherElementsKernel final : public TakingKernel<GatherElements> {
 public:
  using TakingKernel::TakingKernel;

 protected:
  Status plan(std::span<const Operand> inputs) override {
    const Shape& data = inputs[0].info.shape;
    SYNSIGHT_TRY_ASSIGN(const size_t axis, ops::parse_gather_axis(node(), data.rank()));
    ops::Strides strides = ops::row_major_strides(data);
    functor().dim = data[axis];
    functor().stride = strides[axis];
    strides[axis] = 0;
    functor().lines = map_of(inputs[1].info.shape, strides);
    return check_known_indices(inputs[1], data.dims().subspan(axis, 1));
  }
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_gather(const Compilation& compilation, const Node& node) {
  return std::make_unique<GatherKernel>(compilation.queue, node);
}

Result<std::unique_ptr<Kernel>> make_gather_elements(const Compilation& compilation,
                                                     const Node& node) {
  return std::make_unique<GatherElementsKernel>(compilation.queue, node);
}

Result<std::unique_ptr<Kernel>> make_gather_nd(const Compilation& compilation, const Node& node) {
  return std::make_unique<GatherSlicesKernel>(compilation.queue, node);
}

}  // namespace synsight::cuda
