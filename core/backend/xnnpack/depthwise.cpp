// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/depthwise.h"

#include <algorithm>
#include <utility>

#include "core/backend/xnnpack/depthwise_rows.h"
#include "core/base/simd.h"

namespace synsight::xnnpack {

namespace {

class Depthwise final : public XnnKernel {
 public:
  Depthwise(const ConvolutionSpec& spec, Tensor packed) : spec_(spec), packed_(std::move(packed)) {}

  std::string_view name() const override { return "depthwise convolution"; }
  bool has_packed(size_t input) const override { return input == 1 || input == 2; }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    choose_channels_last(inputs.first(1), outputs);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    const Shape& output = outputs[0].info.shape;
    const ops::Window window = place_window(spec_, inputs[0].info.shape, output);
    geometry_ = {window[0], window[1], spec_.groups};
    num_rows_ = static_cast<size_t>(output[0] * output[2]);
    return sizeof(float) * spec_.groups;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* scratch) override {
    input_ = static_cast<const float*>(inputs[0]);
    output_ = static_cast<float*>(outputs[0]);
    zeros_ = static_cast<float*>(scratch);
    return {};
  }

  Status run() override {
    std::fill_n(zeros_, spec_.groups, 0.0f);
    pthreadpool_parallelize_1d(threads(), compute_row, this, num_rows_, 0);
    return {};
  }

 private:
  static void compute_row(void* self, size_t row) {
    const auto& kernel = *static_cast<const Depthwise*>(self);
    depthwise::compute_row(kernel.geometry_, row, kernel.input_, kernel.packed_.as<float>().data(),
                           kernel.zeros_, kernel.spec_.activation, kernel.output_);
  }

  ConvolutionSpec spec_;
  Tensor packed_;
  depthwise::Geometry geometry_;
  size_t num_rows_ = 0;
  const float* input_ = nullptr;
  float* output_ = nullptr;
  float* zeros_ = nullptr;
};

}  // namespace

bool gains_by_rows(const ConvolutionSpec& spec) {
  const auto num_taps = static_cast<uint64_t>(spec.window[0].kernel * spec.window[1].kernel);
  return simd_level() == SimdLevel::kBaseline && spec.group_input_channels == 1 &&
         spec.group_output_channels == 1 && spec.groups % depthwise::kLanes == 0 &&
         num_taps <= depthwise::kMaxTaps;
}

Result<std::unique_ptr<XnnKernel>> make_depthwise(const ConvolutionSpec& spec, const float* weights,
                                                  const float* bias) {
  const auto num_taps = static_cast<size_t>(spec.window[0].kernel * spec.window[1].kernel);
  const Shape shape = {static_cast<int64_t>(spec.groups * (1 + num_taps))};
  SYNSIGHT_TRY_ASSIGN(Tensor packed, Tensor::allocate(DType::kFloat32, shape));
  depthwise::pack_weights(spec.groups, num_taps, weights, bias, packed.as<float>().data());
  return std::make_unique<Depthwise>(spec, std::move(packed));
}

}  // namespace synsight::xnnpack
