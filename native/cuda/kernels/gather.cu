// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/ops/gather.h"
#include "native/cuda/functors/gather.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/indices.h"
#include "native/cuda/kernels/launch_kernel.h"

namespace synsight::cuda {

namespace {

/// Elements of any type, taken by indices. Nobody could be told while a device runs of one that is
/// outside: it takes zeros. Those that are known before a run are checked then.
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
    unit_size_ = dtype_size(outputs[0].info.dtype);
    num_units_ = num_elements(outputs[0]);
    is_wide_ = inputs[1].info.dtype == DType::kInt64;
    output_ = outputs[0];
    SYNSIGHT_TRY(plan(inputs));
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unbind();
    bind_taking(inputs[0], {inputs[1], is_wide_}, outputs[0]);
    bind_activation(output_, outputs[0]);
    return {};
  }

 protected:
  virtual Status plan(std::span<const Operand> inputs) = 0;
  virtual void bind_taking(const void* source, const IndexList& indices, void* target) = 0;

  /// Makes the units as large as neighbours in `inner` allow.
  void widen(int64_t& inner) { num_units_ /= widen_units(unit_size_, inner); }

  size_t unit_size_ = 1;
  int64_t num_units_ = 0;

 private:
  bool is_wide_ = true;
  Operand output_;
};

class GatherKernel final : public TakingKernel {
 public:
  using TakingKernel::TakingKernel;

 protected:
  Status plan(std::span<const Operand> inputs) override {
    const Shape& data = inputs[0].info.shape;
    SYNSIGHT_TRY_ASSIGN(const size_t axis, ops::parse_gather_axis(node(), data.rank()));
    gather_.dim = data[axis];
    gather_.num_indices = num_elements(inputs[1]);
    gather_.inner = 1;
    for (size_t i = axis + 1; i < data.rank(); ++i) gather_.inner *= data[i];
    widen(gather_.inner);
    return check_known_indices(inputs[1], data.dims().subspan(axis, 1));
  }

  void bind_taking(const void* source, const IndexList& indices, void* target) override {
    gather_.unit_size = unit_size_;
    gather_.source = source;
    gather_.indices = indices;
    gather_.target = target;
    bind(gather_, num_units_);
  }

 private:
  Gather gather_;
};

class GatherSlicesKernel final : public TakingKernel {
 public:
  using TakingKernel::TakingKernel;

 protected:
  Status plan(std::span<const Operand> inputs) override {
    const Shape& data = inputs[0].info.shape;
    const Shape& indices = inputs[1].info.shape;
    SYNSIGHT_TRY_ASSIGN(const ops::GatherTuples tuples,
                        ops::parse_gather_tuples(node(), data, indices));
    const auto dims = data.dims().subspan(tuples.batch_dims, tuples.length);
    gather_.tuples.length = static_cast<int>(tuples.length);
    std::copy(dims.begin(), dims.end(), gather_.tuples.dims);
    gather_.tuples_per_batch = 1;
    for (size_t i = tuples.batch_dims; i + 1 < indices.rank(); ++i) {
      gather_.tuples_per_batch *= indices[i];
    }
    gather_.inner = 1;
    for (size_t i = tuples.batch_dims + tuples.length; i < data.rank(); ++i) {
      gather_.inner *= data[i];
    }
    widen(gather_.inner);
    return check_known_indices(inputs[1], dims);
  }

  void bind_taking(const void* source, const IndexList& indices, void* target) override {
    gather_.unit_size = unit_size_;
    gather_.source = source;
    gather_.tuples.indices = indices;
    gather_.target = target;
    bind(gather_, num_units_);
  }

 private:
  GatherSlices gather_;
};

class GatherElementsKernel final : public TakingKernel {
 public:
  using TakingKernel::TakingKernel;

 protected:
  Status plan(std::span<const Operand> inputs) override {
    const Shape& data = inputs[0].info.shape;
    SYNSIGHT_TRY_ASSIGN(const size_t axis, ops::parse_gather_axis(node(), data.rank()));
    ops::Strides strides = ops::row_major_strides(data);
    gather_.dim = data[axis];
    gather_.stride = strides[axis];
    strides[axis] = 0;
    gather_.lines = map_of(inputs[1].info.shape, strides);
    return check_known_indices(inputs[1], data.dims().subspan(axis, 1));
  }

  void bind_taking(const void* source, const IndexList& indices, void* target) override {
    gather_.element_size = unit_size_;
    gather_.source = source;
    gather_.indices = indices;
    gather_.target = target;
    bind(gather_, num_units_);
  }

 private:
  GatherElements gather_;
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
