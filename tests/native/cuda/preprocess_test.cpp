// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/preprocess.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/text.h"
#include "core/tensor/convert.h"
#include "native/cuda/functors/resample.h"
#include "tests/core/image/fixture.h"
#include "tests/support/expect.h"

namespace synsight::cuda {

namespace {

using image::Image;
using image::InputSpec;
using image::TensorLayout;
using test::expect;

constexpr TensorLayout kLayouts[] = {TensorLayout::kNchw, TensorLayout::kNhwc};
constexpr std::byte kUntouched{0xA5};

InputSpec spec_of(std::string_view resize, std::string_view filter, std::string_view crop) {
  InputSpec spec;
  expect(set_field(spec, "resize", resize));
  expect(set_field(spec, "filter", filter));
  expect(set_field(spec, "crop", crop));
  expect(set_field(spec, "scale", "1/255"));
  expect(set_field(spec, "mean", "0.485,0.456,0.406"));
  expect(set_field(spec, "std", "0.229,0.224,0.225"));
  return spec;
}

image::PreprocessPlan plan_of(const Image& picture, const InputSpec& spec) {
  return expect(image::PreprocessPlan::create({picture.width, picture.height}, spec));
}

size_t upload_bytes(const Image& picture, const InputSpec& spec) {
  return expect(PicturePreprocessor::create(plan_of(picture, spec))).upload_bytes();
}

struct Stored {
  DType dtype = DType::kFloat32;
  TensorLayout layout = TensorLayout::kNchw;
  int num_channels = 3;
  int64_t batch_index = 0;
  int64_t batch_size = 1;
};

/// The bytes of a batch into which the device wrote one picture.
std::vector<std::byte> on_device(const Image& picture, const InputSpec& spec,
                                 const Stored& stored) {
  const image::PreprocessPlan plan = plan_of(picture, spec);
  const PicturePreprocessor preprocessor = expect(PicturePreprocessor::create(plan));
  const image::Size size = plan.size;
  const size_t batch_bytes =
      static_cast<size_t>(stored.batch_size * stored.num_channels * size.width * size.height) *
      dtype_size(stored.dtype);
  Queue queue = expect(Queue::create());
  const Memory upload = expect(Memory::pinned(preprocessor.upload_bytes()));
  const Memory device = expect(Memory::on_device(preprocessor.device_bytes()));
  const Memory batch = expect(Memory::on_device(batch_bytes));
  const Memory host = expect(Memory::pinned(batch_bytes));
  std::fill_n(host.data(), batch_bytes, kUntouched);
  preprocessor.pack(picture, upload.data());
  expect(queue.copy_to_device(batch.data(), host.data(), batch_bytes));
  expect(preprocessor.run(
      queue, upload.data(), device.data(),
      {batch.data(), stored.dtype, stored.layout, stored.num_channels, stored.batch_index}));
  expect(queue.copy_to_host(host.data(), batch.data(), batch_bytes));
  expect(queue.wait());
  return {host.data(), host.data() + batch_bytes};
}

bool holds(const std::vector<std::byte>& bytes, const Tensor& tensor) {
  return bytes.size() == tensor.size_bytes() &&
         std::memcmp(bytes.data(), tensor.data(), bytes.size()) == 0;
}

/// Whether the device's tensor is the CPU's, byte for byte.
bool agrees(const Image& picture, const InputSpec& spec, TensorLayout layout) {
  return holds(on_device(picture, spec, {.layout = layout}),
               expect(preprocess(picture, spec, layout)));
}

/// The passes that a plan makes, as `HV`, horizontally first.
std::string passes_of(const Image& picture, const InputSpec& spec) {
  const image::PreprocessPlan plan = plan_of(picture, spec);
  std::string text;
  for (const image::ResizePass pass : plan.resize.passes()) {
    text += pass == image::ResizePass::kNearest      ? 'N'
            : pass == image::ResizePass::kHorizontal ? 'H'
                                                     : 'V';
  }
  return text;
}

}  // namespace

TEST_CASE("the device's tensor is the CPU's, byte for byte") {
  constexpr image::Size kPictures[] = {{40, 31}, {31, 53}, {1, 90}, {90, 1}, {3, 2}, {20, 20}};
  constexpr std::string_view kResizes[] = {
      "none",          "stretch 20x53", "stretch 40x9",      "stretch 17x15",
      "stretch 33x90", "shorter 16",    "shorter 13 rounded"};
  std::set<std::string> passes;
  for (const image::Size& size : kPictures) {
    const Image picture = image::noise_image(size.width, size.height);
    for (const std::string_view resize : kResizes) {
      for (const std::string_view filter : {"nearest", "bilinear", "bicubic", "lanczos"}) {
        for (const std::string_view crop : {"none", "11x9", "64x70", "8x70", "70x7"}) {
          InputSpec spec = spec_of(resize, filter, crop);
          passes.insert(passes_of(picture, spec));
          for (const TensorLayout layout : kLayouts) {
            for (const image::ColorOrder color :
                 {image::ColorOrder::kRgb, image::ColorOrder::kBgr}) {
              spec.color = color;
              CHECK_MESSAGE(agrees(picture, spec, layout),
                            concat({size.width, "x", size.height, ", ", resize, ", ", filter,
                                    ", crop ", crop, ", layout ", static_cast<int>(layout),
                                    ", color ", static_cast<int>(color)}));
            }
          }
        }
      }
    }
  }
  CHECK(passes == std::set<std::string>{"", "N", "H", "V", "HV", "VH"});
}

TEST_CASE("proportions may be extreme") {
  for (const image::Size& size : {image::Size{1, 4000}, image::Size{4000, 1}}) {
    const Image picture = image::noise_image(size.width, size.height);
    for (const std::string_view filter : {"nearest", "bilinear", "lanczos"}) {
      for (const std::string_view resize : {"shorter 24", "stretch 24x24", "stretch 1x1"}) {
        const InputSpec spec = spec_of(resize, filter, "16x16");
        CHECK_MESSAGE(agrees(picture, spec, TensorLayout::kNhwc),
                      concat({size.width, "x", size.height, ", ", resize, ", ", filter}));
      }
    }
  }
}

// Positions that rounding leads past the end are those of sides above 2^24, which no spec has.
TEST_CASE("nearest is black where there is no input") {
  const uint8_t input[] = {1, 2, 3, 4, 5, 6};
  const image::TapRange columns[] = {{1, 1}, {0, 0}};
  const image::TapRange rows[] = {{0, 1}, {0, 0}};
  uint8_t output[12];
  std::fill_n(output, 12, uint8_t{9});
  const TakeNearest functor{input, 2, columns, rows, output, 2};
  for (int64_t i = 0; i < 4; ++i) functor(i);
  const uint8_t wanted[12] = {4, 5, 6};
  CHECK(std::equal(output, output + 12, wanted));
}

TEST_CASE("half precision is the f32 tensor, rounded to the nearest, ties to even") {
  const Image picture = image::noise_image(37, 29);
  InputSpec ties;
  ties.mean = {-0.5, -0.0625, 0.1};  // of bf16, of f16, and none
  InputSpec subnormal;
  subnormal.scale_denominator = 1 << 24;
  subnormal.mean = {1e-7, 0, -1e30};  // the last is too large for f16
  for (const InputSpec& spec : {ties, subnormal, spec_of("shorter 20", "bicubic", "16x24"),
                                spec_of("none", "nearest", "64x8")}) {
    for (const TensorLayout layout : kLayouts) {
      const Tensor tensor = expect(preprocess(picture, spec, layout));
      for (const DType dtype : {DType::kFloat16, DType::kBFloat16}) {
        CHECK(holds(on_device(picture, spec, {.dtype = dtype, .layout = layout}),
                    expect(convert(tensor.view(), dtype))));
      }
    }
  }
}

TEST_CASE("a picture has its place in the batch, and channels that are stored beside it are zero") {
  const Image picture = image::noise_image(19, 23);
  const InputSpec spec = spec_of("stretch 9x13", "bilinear", "11x12");
  constexpr size_t kPlane = size_t{11} * 12;
  for (const DType dtype : {DType::kFloat32, DType::kFloat16, DType::kBFloat16}) {
    const size_t element_bytes = dtype_size(dtype);
    const Tensor planar =
        expect(convert(expect(preprocess(picture, spec, TensorLayout::kNchw)).view(), dtype));
    const auto* wanted = static_cast<const std::byte*>(planar.data());
    for (const size_t num_channels : {size_t{3}, size_t{4}, size_t{8}}) {
      for (const TensorLayout layout : kLayouts) {
        const std::vector<std::byte> batch =
            on_device(picture, spec, {dtype, layout, static_cast<int>(num_channels), 1, 3});
        const size_t picture_bytes = num_channels * kPlane * element_bytes;
        REQUIRE(batch.size() == 3 * picture_bytes);
        std::vector<std::byte> expected(batch.size(), kUntouched);
        std::fill_n(expected.data() + picture_bytes, picture_bytes, std::byte{0});
        for (size_t c = 0; c < 3; ++c) {
          for (size_t i = 0; i < kPlane; ++i) {
            const size_t place =
                layout == TensorLayout::kNchw ? c * kPlane + i : i * num_channels + c;
            std::memcpy(expected.data() + picture_bytes + place * element_bytes,
                        wanted + (c * kPlane + i) * element_bytes, element_bytes);
          }
        }
        CHECK_MESSAGE(batch == expected, dtype_name(dtype), ", ", num_channels, " channels");
      }
    }
  }
}

TEST_CASE("one preprocessor serves pictures of the same size, queued together") {
  const InputSpec spec = spec_of("shorter 12", "lanczos", "10x10");
  Image pictures[] = {image::noise_image(33, 27), image::noise_image(33, 27)};
  std::fill_n(pictures[1].row(9), pictures[1].row_bytes() * 9, uint8_t{77});
  const image::PreprocessPlan plan = plan_of(pictures[0], spec);
  const PicturePreprocessor preprocessor = expect(PicturePreprocessor::create(plan));
  Queue queue = expect(Queue::create());
  const Memory uploads = expect(Memory::pinned(preprocessor.upload_bytes() * 2));
  const Memory device = expect(Memory::on_device(preprocessor.device_bytes()));
  const Memory batch = expect(Memory::on_device(2 * 300 * sizeof(float)));
  const Memory host = expect(Memory::pinned(batch.size()));
  for (size_t i = 0; i < 2; ++i) {
    std::byte* upload = uploads.data() + i * preprocessor.upload_bytes();
    preprocessor.pack(pictures[i], upload);
    expect(preprocessor.run(queue, upload, device.data(),
                            {.elements = batch.data(), .batch_index = static_cast<int64_t>(i)}));
  }
  expect(queue.copy_to_host(host.data(), batch.data(), batch.size()));
  expect(queue.wait());
  for (size_t i = 0; i < 2; ++i) {
    const Tensor wanted = expect(preprocess(pictures[i], spec, TensorLayout::kNchw));
    const size_t size_bytes = wanted.size_bytes();
    CHECK(std::memcmp(host.data() + i * size_bytes, wanted.data(), size_bytes) == 0);
  }
}

TEST_CASE("what a crop leaves out of a picture is not uploaded") {
  const Image picture = image::noise_image(400, 300);
  constexpr size_t kTables = 3 * 256 * sizeof(float);
  const size_t whole = upload_bytes(picture, spec_of("none", "nearest", "none"));
  CHECK(whole >= 400 * 300 * 3 + kTables);
  CHECK(whole < 400 * 300 * 3 + kTables + 64);
  const size_t part = upload_bytes(picture, spec_of("none", "nearest", "40x30"));
  CHECK(part >= 40 * 30 * 3 + kTables);
  CHECK(part < 40 * 30 * 3 + kTables + 64);
  // An eighth of the width is read, and a quarter of the height, but for the filter's reach.
  const size_t resized = upload_bytes(picture, spec_of("stretch 80x60", "bilinear", "10x15"));
  CHECK(resized < 60 * 85 * 3 + kTables + 2000);
}

}  // namespace synsight::cuda
