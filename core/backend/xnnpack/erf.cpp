// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "core/backend/xnnpack/clamp.h"
#include "core/backend/xnnpack/error_function.h"
#include "core/backend/xnnpack/kernels.h"
#include "core/graph/attributes.h"

namespace synsight::xnnpack {

namespace {

// A few microseconds' work, so that threads are worth their start.
constexpr size_t kElementsPerTask = 8192;

/// Erf, and the Gelu that is made of it.
class Erf final : public XnnKernel {
 public:
  Erf(bool is_gelu, Clamp clamp)
      : compute_(is_gelu ? compute_gelu : compute_erf), clamp_(std::move(clamp)) {}

  std::string_view name() const override { return "error function"; }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    choose_elementwise(inputs, outputs);
  }

  Result<size_t> reshape(std::span<const Operand> /*inputs*/,
                         std::span<const Operand> outputs) override {
    num_elements_ = outputs[0].info.shape.num_elements();
    SYNSIGHT_TRY(clamp_.reshape(num_elements_, threads()));
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    input_ = static_cast<const float*>(inputs[0]);
    output_ = static_cast<float*>(outputs[0]);
    return clamp_.setup(outputs[0]);
  }

  Status run() override {
    pthreadpool_parallelize_1d_tile_1d(threads(), compute_task, this, num_elements_,
                                       kElementsPerTask, 0);
    return clamp_.run(threads());
  }

 private:
  static void compute_task(void* self, size_t begin, size_t count) {
    const auto& kernel = *static_cast<const Erf*>(self);
    kernel.compute_(count, kernel.input_ + begin, kernel.output_ + begin);
  }

  void (*compute_)(size_t count, const float* x, float* y);
  Clamp clamp_;
  size_t num_elements_ = 0;
  const float* input_ = nullptr;
  float* output_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<XnnKernel>> make_erf(const Compilation& /*compilation*/, const Node& node) {
  const bool is_gelu = node.op_type == "Gelu";
  if (is_gelu) {
    SYNSIGHT_TRY_ASSIGN(const std::string approximate,
                        string_attribute(node, "approximate", "none"));
    if (approximate != "none") return nullptr;
  }
  SYNSIGHT_TRY_ASSIGN(Clamp clamp, Clamp::create(node.activation));
  return std::make_unique<Erf>(is_gelu, std::move(clamp));
}

}  // namespace synsight::xnnpack
