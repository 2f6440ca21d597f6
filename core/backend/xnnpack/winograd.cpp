// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/winograd.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/backend/xnnpack/winograd_transforms.h"
#include "core/backend/xnnpack/xnn_operator.h"
#include "core/base/checked.h"

namespace synsight::xnnpack {

namespace {

using winograd::kNumProducts;

// The transformed tiles of a block, before and after the products, shall stay in a core's
// second-level cache.
constexpr size_t kBlockBytes = size_t{1536} * 1024;
// Fewer rows than this leave the matrix products waiting for weights.
constexpr size_t kMinBlockTiles = 48;

// A matrix product's weights shall stay in the second-level cache while all tiles of a block pass.
constexpr size_t kChunkBytes = size_t{256} * 1024;

/// How many filters one matrix product takes: all, or a part of them that divides their number.
size_t chunk_of(size_t num_channels, size_t num_filters) {
  size_t chunk = num_filters;
  while (chunk * num_channels * sizeof(float) > kChunkBytes &&
         chunk % (2 * winograd::kChannelStep) == 0) {
    chunk /= 2;
  }
  return chunk;
}

class Winograd final : public XnnKernel {
 public:
  Winograd(const ConvolutionSpec& spec, XnnOperator products, Tensor bias)
      : spec_(spec), products_(std::move(products)), bias_(std::move(bias)) {}

  std::string_view name() const override { return "winograd convolution"; }
  bool has_packed(size_t input) const override { return input == 1 || input == 2; }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    choose_channels_last(inputs.first(1), outputs);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    const Shape& input = inputs[0].info.shape;
    const Shape& output = outputs[0].info.shape;
    const auto size = [](int64_t dim) { return static_cast<size_t>(dim); };
    const ops::Window window = place_window(spec_, input, output);
    tiles_ = {size(input[2]),
              size(input[3]),
              size(output[2]),
              size(output[3]),
              size(window[0].pad_begin),
              size(window[1].pad_begin),
              num_channels(),
              num_filters(),
              chunk_of(num_channels(), num_filters())};
    num_tiles_ = size(output[0]) * tiles_.rows() * tiles_.columns();

    const size_t bytes_a_tile = kNumProducts * (num_channels() + num_filters()) * sizeof(float);
    const size_t num_threads = pthreadpool_get_threads_count(threads());
    const size_t wanted = std::max(kMinBlockTiles, num_threads * kBlockBytes / bytes_a_tile);
    const size_t num_blocks = (num_tiles_ + wanted - 1) / wanted;
    block_tiles_ = (num_tiles_ + num_blocks - 1) / num_blocks;

    const size_t patch_batch[] = {kNumProducts, 1};
    const size_t filter_batch[] = {kNumProducts, num_filters() / tiles_.chunk};
    size_t scratch_bytes = 0;
    size_t alignment = 0;
    SYNSIGHT_TRY(check_xnn(xnn_reshape_batch_matrix_multiply_nc_f32(
                               products_.get(), 2, patch_batch, filter_batch, block_tiles_,
                               num_channels(), tiles_.chunk, &scratch_bytes, &alignment, threads()),
                           "reshape winograd products"));
    // zeros [C], patches [36,block,C], products [36,M/chunk,block,chunk], XNNPACK's own
    products_offset_ =
        sizeof(float) * (kNumProducts * block_tiles_ * num_channels() + num_channels());
    own_offset_ = products_offset_ + sizeof(float) * kNumProducts * block_tiles_ * num_filters();
    return own_offset_ + scratch_bytes;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* scratch) override {
    auto* bytes = static_cast<std::byte*>(scratch);
    input_ = static_cast<const float*>(inputs[0]);
    output_ = static_cast<float*>(outputs[0]);
    zeros_ = static_cast<float*>(scratch);
    patches_ = zeros_ + num_channels();
    results_ = reinterpret_cast<float*>(bytes + products_offset_);
    return check_xnn(xnn_setup_batch_matrix_multiply_nc_f32(products_.get(), bytes + own_offset_,
                                                            patches_, nullptr, results_),
                     "setup winograd products");
  }

  Status run() override {
    std::fill_n(zeros_, num_channels(), 0.0f);
    for (first_tile_ = 0; first_tile_ < num_tiles_; first_tile_ += block_tiles_) {
      const size_t num_rows = std::min(block_tiles_, num_tiles_ - first_tile_);
      pthreadpool_parallelize_1d(threads(), transform_input_row, this, num_rows, 0);
      SYNSIGHT_TRY(
          check_xnn(xnn_run_operator(products_.get(), threads()), "run winograd products"));
      pthreadpool_parallelize_1d(threads(), transform_output_row, this, num_rows, 0);
    }
    return {};
  }

 private:
  static void transform_input_row(void* self, size_t row) {
    const auto& kernel = *static_cast<const Winograd*>(self);
    winograd::transform_input(kernel.tiles_, kernel.first_tile_ + row, kernel.input_, kernel.zeros_,
                              kernel.patches_, row, kernel.block_tiles_);
  }

  static void transform_output_row(void* self, size_t row) {
    const auto& kernel = *static_cast<const Winograd*>(self);
    winograd::transform_output(kernel.tiles_, kernel.first_tile_ + row, kernel.results_, row,
                               kernel.block_tiles_, kernel.bias_.as<float>().data(),
                               kernel.spec_.activation, kernel.output_);
  }

  size_t num_channels() const { return spec_.group_input_channels; }
  size_t num_filters() const { return spec_.group_output_channels; }

  ConvolutionSpec spec_;
  XnnOperator products_;  // 36 matrix products with packed weights
  Tensor bias_;
  winograd::Tiles tiles_;
  size_t num_tiles_ = 0;
  size_t block_tiles_ = 0;
  size_t first_tile_ = 0;  // of the block that runs
  size_t products_offset_ = 0;
  size_t own_offset_ = 0;
  const float* input_ = nullptr;
  float* output_ = nullptr;
  float* zeros_ = nullptr;
  float* patches_ = nullptr;
  float* results_ = nullptr;
};

}  // namespace

bool fits_winograd(const ConvolutionSpec& spec) {
  const auto is_plain = [](const ops::WindowAxis& axis) {
    return axis.kernel == 3 && axis.stride == 1 && axis.dilation == 1;
  };
  return spec.groups == 1 && is_plain(spec.window[0]) && is_plain(spec.window[1]) &&
         spec.group_input_channels % winograd::kChannelStep == 0 &&
         spec.group_output_channels % winograd::kChannelStep == 0;
}

bool gains_by_winograd(const Shape& output) {
  if (output.rank() != 4) return false;
  constexpr int64_t kMinTiles = 12;
  const auto tile = static_cast<int64_t>(winograd::kTile);
  return output[0] * ((output[2] + tile - 1) / tile) * ((output[3] + tile - 1) / tile) >= kMinTiles;
}

Result<std::unique_ptr<XnnKernel>> make_winograd(const ConvolutionSpec& spec, const float* weights,
                                                 const float* bias) {
  const auto num_channels = static_cast<int64_t>(spec.group_input_channels);
  const auto num_filters = static_cast<int64_t>(spec.group_output_channels);
  SYNSIGHT_TRY_ASSIGN(Tensor biases, Tensor::allocate(DType::kFloat32, {num_filters}));
  if (bias != nullptr) {
    std::copy_n(bias, num_filters, biases.as<float>().begin());
  } else {
    std::fill_n(biases.as<float>().begin(), num_filters, 0.0f);
  }
  SYNSIGHT_TRY_ASSIGN(Tensor transformed,
                      Tensor::allocate(DType::kFloat32, {static_cast<int64_t>(kNumProducts),
                                                         num_channels, num_filters}));
  const size_t chunk = chunk_of(spec.group_input_channels, spec.group_output_channels);
  winograd::transform_filters(weights, spec.group_output_channels, spec.group_input_channels, chunk,
                              transformed.as<float>().data());
  SYNSIGHT_TRY_ASSIGN(
      XnnOperator products,
      create_operator(
          "create winograd products", xnn_create_batch_matrix_multiply_nc_f32_const_weights,
          kNumProducts * (spec.group_output_channels / chunk), spec.group_input_channels, chunk,
          static_cast<const float*>(transformed.as<float>().data()), 0u));
  return std::make_unique<Winograd>(spec, std::move(products), std::move(biases));
}

}  // namespace synsight::xnnpack
