// SPDX-License-Identifier: Apache-2.0
#include "core/ops/pool.h"
#include "native/cuda/functors/pooling.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/launch_kernel.h"
#include "native/cuda/kernels/spatial.h"

namespace synsight::cuda {

namespace {

/// MaxPool or AveragePool over one to three axes.
class Pooling final : public LaunchKernel {
 public:
  Pooling(Queue& queue, const Node& node)
      : LaunchKernel(queue, node, node.op_type == "MaxPool" ? "max pooling" : "average pooling"),
        is_max_(node.op_type == "MaxPool"),
        gives_indices_(node.outputs.size() > 1 && node.outputs[1] != kNoValue) {}

  bool accepts(std::span<const Operand> inputs,
               std::span<const Operand> /*outputs*/) const override {
    const DType dtype = inputs[0].info.dtype;
    const bool is_byte = is_max_ && (dtype == DType::kInt8 || dtype == DType::kUInt8);
    return (is_byte || is_float_storage(dtype)) && is_spatial(inputs[0].info.shape);
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    outputs[0].info.dtype = inputs[0].info.dtype;
    // Indices count the elements in ONNX's order.
    if (gives_indices_) return Kernel::choose_layouts(inputs, outputs);
    choose_channels_last(inputs, outputs);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    SYNSIGHT_TRY_ASSIGN(params_, ops::parse_pool(node(), inputs[0].info.shape));
    input_ = inputs[0];
    output_ = outputs[0];
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unbind();
    const DType dtype = input_.info.dtype;
    const auto bind_as = [&](auto type) { bind_pool<decltype(type)>(inputs[0], outputs); };
    if (dtype == DType::kInt8) bind_as(int8_t{});
    if (dtype == DType::kUInt8) bind_as(uint8_t{});
    visit_float_storage(dtype, bind_as);
    return {};
  }

 private:
  template <typename T>
  void bind_pool(const void* x, std::span<void* const> outputs) {
    const bool is_last = input_.layout == Layout::kChannelsLast;
    const bool is_wide = is_last && input_.info.shape[1] % kFullWidth<T> == 0;
    const int width = is_wide ? kFullWidth<T> : 1;
    PoolShape<T> shape;
    shape.x = static_cast<const T*>(x);
    shape.y = static_cast<T*>(outputs[0]);
    shape.input = image_map(input_);
    shape.output = image_map(output_, width);
    set_window(params_.window, shape.window);
    shape.clamp = clamp();
    const int64_t count = num_elements(output_) / width;
    if (gives_indices_) {
      bind(MaxPoolIndices<T>{shape, static_cast<int64_t*>(outputs[1])}, count);
    } else if (is_max_) {
      is_wide ? bind(MaxPool<T, kFullWidth<T>>{shape}, count) : bind(MaxPool<T, 1>{shape}, count);
    } else if constexpr (sizeof(T) > 1) {
      is_wide ? bind(AveragePool<T, kFullWidth<T>>{shape, params_.count_include_pad}, count)
              : bind(AveragePool<T, 1>{shape, params_.count_include_pad}, count);
    }
  }

  bool is_max_;
  bool gives_indices_;
  ops::PoolParams params_;
  Operand input_;
  Operand output_;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_pool(const Compilation& compilation, const Node& node) {
  return std::make_unique<Pooling>(compilation.queue, node);
}

}  // namespace synsight::cuda
