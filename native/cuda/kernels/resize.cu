// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "core/base/aligned_buffer.h"
#include "core/base/checked.h"
#include "core/base/memory.h"
#include "core/ops/resize.h"
#include "native/cuda/functors/gather.h"
#include "native/cuda/functors/resize.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/launch_kernel.h"
#include "native/cuda/upload.h"

namespace synsight::cuda {

namespace {

/// One axis of memory that lies as [outer,axis.input,inner].
struct Pass {
  ops::ResizeAxis axis;
  int64_t outer = 1;
  int64_t inner = 1;
  size_t table_offset = 0;  // in the table's indices or taps

  int64_t num_elements() const { return outer * axis.output * inner; }
};

/// What all passes read of their inputs: indices where the nearest element is taken, else taps and
/// behind them the weights.
struct Table {
  std::vector<int64_t> indices;
  std::vector<WeightedTaps> taps;
  std::vector<float> weights;
};

/// For the most taps that its indices can have.
double most_table_bytes(const ops::ResizeParams& params, const Pass& pass) {
  const bool is_wide = params.has_antialias && pass.axis.scale < 1;
  const double num_taps = 5 / (is_wide ? pass.axis.scale : 1);
  return static_cast<double>(pass.axis.output) * (sizeof(WeightedTaps) + sizeof(float) * num_taps);
}

void add_nearest(const ops::ResizeParams& params, Pass& pass, Table& table) {
  pass.table_offset = table.indices.size();
  for (int64_t i = 0; i < pass.axis.output; ++i) {
    const int64_t index = ops::resize_taps(params, pass.axis, i).begin;
    table.indices.push_back(std::clamp<int64_t>(index, 0, pass.axis.input - 1));
  }
}

void add_weighted(const ops::ResizeParams& params, Pass& pass, Table& table) {
  pass.table_offset = table.taps.size();
  for (int64_t i = 0; i < pass.axis.output; ++i) {
    const ops::ResizeTaps taps = ops::resize_taps(params, pass.axis, i);
    table.taps.push_back({taps.begin, std::ssize(taps.weights), std::ssize(table.weights)});
    for (const double weight : taps.weights) table.weights.push_back(static_cast<float>(weight));
  }
}

template <typename T>
size_t copy_all(const std::vector<T>& from, std::byte* to) {
  const size_t size_bytes = from.size() * sizeof(T);
  if (size_bytes > 0) std::memcpy(to, from.data(), size_bytes);
  return size_bytes;
}

/// Axis by axis, in whatever layout the input has, by tables that the host makes as the reference
/// does. What lies between two passes of weighted sums is f32.
class ResizeKernel final : public LaunchKernel {
 public:
  ResizeKernel(Queue& queue, const Node& node) : LaunchKernel(queue, node, "resize") {}

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    const auto params = ops::parse_resize(node(), views_of(inputs));
    const bool moves_bytes = params && params->mode == ops::ResizeMode::kNearest &&
                             inputs[0].info.dtype == outputs[0].info.dtype;
    return params && (moves_bytes || LaunchKernel::accepts(inputs, outputs));
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    keep_layout(inputs, outputs);
    keep_dtype(inputs, outputs);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    SYNSIGHT_TRY_ASSIGN(const auto params, ops::parse_resize(node(), views_of(inputs)));
    plan_passes(params, inputs[0]);
    // A copy has no pass of its own.
    is_nearest_ = params.mode == ops::ResizeMode::kNearest || passes_.empty();
    if (passes_.empty()) passes_.push_back({{0, 1, 1, 1}, 1, num_elements(inputs[0])});
    SYNSIGHT_TRY(make_table(params));
    output_ = outputs[0];
    // Two passes that follow each other do not write to the same half.
    const size_t element_size = is_nearest_ ? dtype_size(output_.info.dtype) : sizeof(float);
    size_t halves[2] = {};
    for (size_t i = 0; i + 1 < passes_.size(); ++i) {
      const auto count = static_cast<size_t>(passes_[i].num_elements());
      halves[i % 2] = std::max(halves[i % 2], round_up(count * element_size, kBufferAlignment));
    }
    first_half_ = halves[0];
    return halves[0] + halves[1];
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* scratch) override {
    unbind();
    const DType between = is_nearest_ ? output_.info.dtype : DType::kFloat32;
    ConstElements from = {inputs[0], output_.info.dtype};
    for (size_t i = 0; i < passes_.size(); ++i) {
      Elements to = {outputs[0], output_.info.dtype};
      if (i + 1 < passes_.size()) {
        to = {static_cast<std::byte*>(scratch) + (i % 2 == 0 ? 0 : first_half_), between};
      }
      if (is_nearest_) {
        bind_nearest(passes_[i], from, to);
      } else {
        bind_weighted(passes_[i], from, to, i + 1 == passes_.size() ? clamp() : Clamp{});
      }
      from = {to.data, to.dtype};
    }
    if (is_nearest_) bind_activation(output_, outputs[0]);
    return {};
  }

  Status run() override {
    queue().keep(table_);
    return LaunchKernel::run();
  }

 private:
  void plan_passes(const ops::ResizeParams& params, const Operand& input) {
    passes_.clear();
    Shape shape = input.memory_shape();
    for (const ops::ResizeAxis& axis : params.axes) {
      if (axis.changes_nothing()) continue;
      size_t place = 0;
      while (axis_at(place, input.layout) != axis.axis) ++place;
      Pass pass{axis};
      for (size_t i = 0; i < place; ++i) pass.outer *= shape[i];
      for (size_t i = place + 1; i < shape.rank(); ++i) pass.inner *= shape[i];
      shape[place] = axis.output;
      passes_.push_back(pass);
    }
  }

  Status make_table(const ops::ResizeParams& params) {
    double most = 0;
    for (const Pass& pass : passes_) most += most_table_bytes(params, pass);
    SYNSIGHT_TRY(check_memory("a table of weights", most));
    Table table;
    for (Pass& pass : passes_) {
      if (is_nearest_) {
        add_nearest(params, pass, table);
      } else {
        add_weighted(params, pass, table);
      }
    }
    std::vector<std::byte> bytes(table.indices.size() * sizeof(int64_t) +
                                 table.taps.size() * sizeof(WeightedTaps) +
                                 table.weights.size() * sizeof(float));
    copy_all(table.indices, bytes.data());
    weights_offset_ = copy_all(table.taps, bytes.data());
    copy_all(table.weights, bytes.data() + weights_offset_);
    SYNSIGHT_TRY_ASSIGN(Memory memory, upload(queue(), bytes));
    table_ = std::make_shared<const Memory>(std::move(memory));
    return {};
  }

  void bind_nearest(const Pass& pass, const ConstElements& from, const Elements& to) {
    Gather gather;
    gather.dim = pass.axis.input;
    gather.inner = pass.inner;
    gather.num_indices = pass.axis.output;
    gather.unit_size = dtype_size(to.dtype);
    gather.target = to.data;
    gather.source = from.data;
    gather.indices.data = reinterpret_cast<const int64_t*>(table_->data()) + pass.table_offset;
    const int64_t factor = widen_units(gather.unit_size, gather.inner);
    bind(gather, pass.num_elements() / factor);
  }

  void bind_weighted(const Pass& pass, const ConstElements& from, const Elements& to,
                     const Clamp& clamp) {
    WeightAxis weight;
    weight.y = to;
    weight.x = from;
    weight.taps = reinterpret_cast<const WeightedTaps*>(table_->data()) + pass.table_offset;
    weight.weights = reinterpret_cast<const float*>(table_->data() + weights_offset_);
    weight.dim = pass.axis.input;
    weight.size = Divider(pass.axis.output);
    weight.inner = Divider(pass.inner);
    weight.clamp = clamp;
    bind(weight, pass.num_elements());
  }

  std::vector<Pass> passes_;
  bool is_nearest_ = true;
  std::shared_ptr<const Memory> table_;  // a recording of other shapes may need an older one
  size_t weights_offset_ = 0;
  size_t first_half_ = 0;  // of the scratch memory
  Operand output_;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_resize(const Compilation& compilation, const Node& node) {
  return std::make_unique<ResizeKernel>(compilation.queue, node);
}

}  // namespace synsight::cuda
