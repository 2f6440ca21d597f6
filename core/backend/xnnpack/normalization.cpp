// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "core/backend/xnnpack/clamp.h"
#include "core/backend/xnnpack/kernels.h"
#include "core/backend/xnnpack/moments.h"
#include "core/base/small_build.h"
#include "core/ops/group_normalization.h"
#include "core/ops/layer_normalization.h"

namespace synsight::xnnpack {

namespace {

// A few microseconds' work, so that threads are worth their start.
constexpr size_t kElementsPerTask = 8192;

/// Rows that lie contiguous, each normalized by its own moments.
class Normalization : public XnnKernel {
 public:
  Normalization(const Node& node, Clamp clamp) : node_(node), clamp_(std::move(clamp)) {}

  std::string_view name() const override { return "normalization"; }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    input_ = static_cast<const float*>(inputs[0]);
    scale_ = static_cast<const float*>(inputs[1]);
    bias_ = inputs.size() > 2 ? static_cast<const float*>(inputs[2]) : nullptr;
    output_ = static_cast<float*>(outputs[0]);
    return clamp_.setup(outputs[0]);
  }

  Status run() override {
    pthreadpool_parallelize_1d_tile_1d(threads(), compute_rows, this, num_rows_,
                                       std::max(size_t{1}, kElementsPerTask / row_size_), 0);
    return clamp_.run(threads());
  }

 protected:
  const Node& node() const { return node_; }
  const float* scale() const { return scale_; }
  const float* bias() const { return bias_; }

  Status set_rows(size_t num_rows, size_t row_size, float epsilon) {
    num_rows_ = num_rows;
    row_size_ = row_size;
    epsilon_ = epsilon;
    return clamp_.reshape(num_rows * row_size, threads());
  }

 private:
  virtual void normalize_row(size_t row, const float* x, const ops::Moments& moments,
                             float* y) const = 0;

  static void compute_rows(void* self, size_t begin, size_t count) {
    const auto& kernel = *static_cast<const Normalization*>(self);
    const size_t size = kernel.row_size_;
    for (size_t row = begin; row < begin + count; ++row) {
      const float* const x = kernel.input_ + row * size;
      const ops::Moments moments = compute_moments(size, x, kernel.epsilon_);
      kernel.normalize_row(row, x, moments, kernel.output_ + row * size);
    }
  }

  const Node& node_;
  Clamp clamp_;
  size_t num_rows_ = 0;
  size_t row_size_ = 1;
  double epsilon_ = 0;
  const float* input_ = nullptr;
  const float* scale_ = nullptr;
  const float* bias_ = nullptr;
  float* output_ = nullptr;
};

class LayerNormalization final : public Normalization {
 public:
  using Normalization::Normalization;

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    if (!Normalization::accepts(inputs, outputs)) return false;
    const auto params = ops::parse_layer_normalization(node(), inputs[0].info.shape);
    return params && std::all_of(inputs.begin() + 1, inputs.end(), [&](const Operand& operand) {
             return !operand.exists() ||
                    operand.info.shape.num_elements() == params->normalized.num_elements();
           });
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> /*outputs*/) override {
    SYNSIGHT_TRY_ASSIGN(const auto params,
                        ops::parse_layer_normalization(node(), inputs[0].info.shape));
    size_ = params.normalized.num_elements();
    SYNSIGHT_TRY(set_rows(params.outer.num_elements(), size_, params.epsilon));
    return 0;
  }

 private:
  void normalize_row(size_t /*row*/, const float* x, const ops::Moments& moments,
                     float* y) const override {
    normalize(size_, x, moments, scale(), bias(), y);
  }

  size_t size_ = 0;
};

/// A row is a group, of planes with a scale and a bias each.
class GroupNormalization final : public Normalization {
 public:
  using Normalization::Normalization;

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> /*outputs*/) override {
    const Shape& shape = inputs[0].info.shape;
    SYNSIGHT_TRY_ASSIGN(const auto params, ops::parse_group_normalization(node(), shape));
    const auto num_channels = static_cast<size_t>(shape[1]);
    const auto num_groups = static_cast<size_t>(params.num_groups);
    const size_t num_rows = static_cast<size_t>(shape[0]) * num_groups;
    const size_t num_elements = shape.num_elements();
    num_channels_ = num_channels;
    group_channels_ = num_channels / num_groups;
    channels_per_scale_ = num_channels / static_cast<size_t>(params.num_scales);
    plane_size_ = num_elements / (static_cast<size_t>(shape[0]) * num_channels);
    SYNSIGHT_TRY(set_rows(num_rows, num_elements / num_rows, params.epsilon));
    return 0;
  }

 private:
  void normalize_row(size_t row, const float* x, const ops::Moments& moments,
                     float* y) const override {
    const size_t first = row * group_channels_ % num_channels_;
    for (size_t i = 0; i < group_channels_; ++i) {
      const size_t s = (first + i) / channels_per_scale_;
      const size_t offset = i * plane_size_;
      normalize(plane_size_, x + offset, moments, scale()[s], bias()[s], y + offset);
    }
  }

  size_t num_channels_ = 0;
  size_t group_channels_ = 0;
  size_t channels_per_scale_ = 1;
  size_t plane_size_ = 0;
};

template <typename T>
Result<std::unique_ptr<XnnKernel>> make_normalization(const Node& node) {
  SYNSIGHT_TRY_ASSIGN(Clamp clamp, Clamp::create(node.activation));
  return std::make_unique<T>(node, std::move(clamp));
}

}  // namespace

Result<std::unique_ptr<XnnKernel>> make_layer_normalization(const Compilation& /*compilation*/,
                                                            const Node& node) {
  const bool has_moments = std::any_of(node.outputs.begin() + 1, node.outputs.end(),
                                       [](ValueId id) { return id != kNoValue; });
  if (has_moments) return nullptr;
  return make_normalization<LayerNormalization>(node);
}

Result<std::unique_ptr<XnnKernel>> make_group_normalization(const Compilation& /*compilation*/,
                                                            const Node& node) {
  if (kIsSmallBuild) return nullptr;  // which has no room for it
  return make_normalization<GroupNormalization>(node);
}

}  // namespace synsight::xnnpack
