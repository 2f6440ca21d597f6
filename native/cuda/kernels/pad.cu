// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/convert.h"
#include "native/cuda/functors/pad.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/activation.h"
#include "native/cuda/kernels/operands.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

namespace {

/// Larger units where the last axis is not padded.
void widen_units(Pad& pad) {
  const int last = pad.num_axes - 1;
  if (last < 0 || pad.begin[last] != 0 || pad.dims[last] != pad.source_dims[last]) return;
  while (pad.unit_size < kMaxUnit && pad.dims[last] % 2 == 0) {
    pad.unit_size *= 2;
    pad.num_units /= 2;
    pad.dims[last] /= 2;
    pad.source_dims[last] /= 2;
    for (int axis = 0; axis < last; ++axis) pad.source_strides[axis] /= 2;
  }
}

/// Pad, and Tile: both take an input of any element type in whatever layout it has.
class PadKernel final : public Kernel {
 public:
  PadKernel(Queue& queue, const Node& node) : queue_(queue), node_(node), clamp_(clamp_of(node)) {}

  std::string_view name() const override { return "pad"; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return inputs[0].info.dtype == outputs[0].info.dtype ||
           (is_float(inputs[0]) && is_float(outputs[0]));
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    keep_layout(inputs, outputs);
    keep_dtype(inputs, outputs);
    if (has_value_input(inputs)) inputs[2].info.dtype = inputs[0].info.dtype;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    ops::PadParams params{.mode = ops::PadMode::kWrap};
    if (node_.op_type == "Pad") {
      SYNSIGHT_TRY_ASSIGN(params, ops::parse_pad_params(node_, views_of(inputs)));
    }
    pad_ = {};
    pad_.mode = params.mode;
    pad_.num_units = num_elements(outputs[0]);
    pad_.unit_size = dtype_size(outputs[0].info.dtype);
    pad_.element_size = pad_.unit_size;
    const Shape source = inputs[0].memory_shape();
    const ops::Strides strides = ops::row_major_strides(source);
    pad_.num_axes = static_cast<int>(source.rank());
    for (size_t place = 0; place < source.rank(); ++place) {
      pad_.dims[place] = outputs[0].memory_shape()[place];
      pad_.source_dims[place] = source[place];
      pad_.source_strides[place] = strides[place];
      pad_.begin[place] = params.begin[axis_at(place, inputs[0].layout)];
    }
    widen_units(pad_);
    has_value_ = has_value_input(inputs);
    output_ = outputs[0];
    return has_value_ ? Result<size_t>(0) : set_default();
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    pad_.target = outputs[0];
    pad_.source = inputs[0];
    pad_.value = has_value_ ? inputs[2] : nullptr;
    return {};
  }

  Status run() override {
    SYNSIGHT_TRY(launch(queue_, pad_, pad_.num_units));
    return queue_activation(queue_, clamp_, output_, pad_.target);
  }

 private:
  bool has_value_input(std::span<const Operand> inputs) const {
    return node_.op_type == "Pad" && inputs.size() > 2 && inputs[2].exists();
  }

  /// The value of the attribute, or 0.
  Result<size_t> set_default() {
    if (node_.op_type != "Pad") return 0;
    SYNSIGHT_TRY_ASSIGN(const auto value, ops::constant_pad_value(node_, {}));
    const auto number = static_cast<float>(value.value_or(0));
    convert_elements({DType::kFloat32, Shape{}, &number},
                     {output_.info.dtype, Shape{}, &pad_.default_bits});
    return 0;
  }

  Queue& queue_;
  const Node& node_;
  Clamp clamp_;
  Pad pad_;
  Operand output_;
  bool has_value_ = false;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_pad(const Compilation& compilation, const Node& node) {
  return std::make_unique<PadKernel>(compilation.queue, node);
}

}  // namespace synsight::cuda
