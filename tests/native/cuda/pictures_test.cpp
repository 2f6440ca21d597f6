// SPDX-License-Identifier: Apache-2.0
// Pictures that the executable preprocesses itself, and runs of many of them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/image/preprocess.h"
#include "native/cuda/executable.h"
#include "tests/core/image/fixture.h"
#include "tests/native/cuda/runs.h"
#include "tests/native/cuda/small_networks.h"
#include "tests/native/cuda/standin/standin.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"

namespace synsight::test {

namespace {

using image::Image;
using image::TensorLayout;

image::InputSpec spec_of(std::string_view resize, std::string_view crop) {
  image::InputSpec spec;
  expect(set_field(spec, "resize", resize));
  expect(set_field(spec, "filter", "bicubic"));
  expect(set_field(spec, "crop", crop));
  expect(set_field(spec, "scale", "1/255"));
  expect(set_field(spec, "mean", "0.485,0.456,0.406"));
  expect(set_field(spec, "std", "0.229,0.224,0.225"));
  return spec;
}

/// Pictures with their plans, which point into it.
class Pictures {
 public:
  explicit Pictures(image::InputSpec spec) : spec_(std::move(spec)) {}
  void add(int width, int height) {
    images_.push_back(image::noise_image(width, height));
    plans_.push_back(expect(image::PreprocessPlan::create({width, height}, spec_)));
  }

  Status begin(Executable& executable, TensorLayout layout) const {
    std::vector<image::PlannedPicture> planned;
    for (size_t i = 0; i < images_.size(); ++i) {
      planned.push_back({&images_[i], &plans_[i], nullptr});
    }
    return executable.begin_pictures(planned, layout);
  }

  /// The same, but every second one is preprocessed already.
  Status begin_mixed(Executable& executable, TensorLayout layout) const {
    std::deque<Tensor> tensors;
    std::vector<image::PlannedPicture> planned;
    for (size_t i = 0; i < images_.size(); ++i) {
      if (i % 2 == 1) {
        planned.push_back({&images_[i], &plans_[i], nullptr});
        continue;
      }
      tensors.push_back(expect(image::preprocess(images_[i], spec_, layout)));
      planned.push_back({nullptr, nullptr, &tensors.back()});
    }
    return executable.begin_pictures(planned, layout);
  }

  /// The tensor of `batch` pictures, made by the CPU; zeros where there are none.
  Tensor tensor(const Shape& shape, TensorLayout layout) const {
    Tensor batch = expect(Tensor::allocate(DType::kFloat32, shape));
    std::memset(batch.data(), 0, batch.size_bytes());
    auto* place = static_cast<std::byte*>(batch.data());
    for (const Image& picture : images_) {
      const Tensor one = expect(image::preprocess(picture, spec_, layout));
      std::memcpy(place, one.data(), one.size_bytes());
      place += one.size_bytes();
    }
    return batch;
  }

 private:
  image::InputSpec spec_;
  std::deque<Image> images_;
  std::deque<image::PreprocessPlan> plans_;
};

/// Pictures [N,H,W,3] to scores.
Graph channels_last_network() {
  GraphBuilder builder;
  const ValueId pictures = builder.input("pictures", {-1, 16, 16, 3});
  const ValueId turned = builder.node("Transpose", {pictures}, {{"perm", {0, 3, 1, 2}}});
  const ValueId features =
      builder.node("Conv", {turned, builder.initializer("w", random_tensor({4, 3, 3, 3}, 1))});
  const ValueId means = builder.node("GlobalAveragePool", {features});
  return builder.finish({builder.node("Flatten", {means}, {{"axis", 1}})});
}

Tensor run_pictures(Executable& executable, const Pictures& pictures, TensorLayout layout) {
  expect(pictures.begin(executable, layout));
  expect(executable.advance({}, {}));
  return end_run(executable);
}

/// Whether the executable answers the same to pictures as to their tensor.
bool agrees(Executable& executable, const Pictures& pictures, TensorLayout layout) {
  const Shape& shape = executable.inputs()[0].shape;
  const Tensor found = run_pictures(executable, pictures, layout);
  return is_same(found, run(executable, pictures.tensor(shape, layout)));
}

}  // namespace

TEST_CASE("pictures give what their tensors give, bit for bit") {
  for (const Precision precision : {Precision::kFloat32, Precision::kFloat16}) {
    const auto planar = compile_for_cuda(residual_network(), precision);
    const auto interleaved = compile_for_cuda(channels_last_network(), precision);
    for (const int64_t batch : {1, 3}) {
      expect(reshape_to(*planar, {batch, 3, 16, 16}));
      expect(reshape_to(*interleaved, {batch, 16, 16, 3}));
      CHECK(planar->takes_pictures());
      for (const char* resize : {"stretch 16x16", "shorter 20", "none"}) {
        Pictures pictures(spec_of(resize, "16x16"));
        for (int i = 0; i < batch; ++i) {
          pictures.add(33 - 7 * i, 21 + 8 * i);
          CHECK(agrees(*planar, pictures, TensorLayout::kNchw));
          CHECK(agrees(*interleaved, pictures, TensorLayout::kNhwc));
        }
      }
    }
  }
}

TEST_CASE("pictures and tensors of pictures go into one run") {
  const auto executable = compile_for_cuda(residual_network(), Precision::kFloat16);
  expect(reshape_to(*executable, {4, 3, 16, 16}));
  Pictures pictures(spec_of("shorter 16", "16x16"));
  for (int i = 0; i < 3; ++i) {
    pictures.add(33 - 7 * i, 21 + 8 * i);
    const Tensor wanted = run_pictures(*executable, pictures, TensorLayout::kNchw);
    expect(pictures.begin_mixed(*executable, TensorLayout::kNchw));
    expect(executable->advance({}, {}));
    CHECK(is_same(end_run(*executable), wanted));
  }
  Pictures wrong(spec_of("stretch 16x17", "none"));
  wrong.add(20, 20);
  const Status refused = wrong.begin_mixed(*executable, TensorLayout::kNchw);
  CHECK(error_text(refused).starts_with("shape_mismatch: "));
}

TEST_CASE("pictures that do not fit are refused, and leave the runs under way") {
  const auto executable = compile_for_cuda(residual_network(), Precision::kFloat32);
  expect(reshape_to(*executable, {2, 3, 16, 16}));
  const Tensor input = random_pictures({2, 3, 16, 16}, 1);
  const Tensor wanted = run(*executable, input);
  expect(begin_run(*executable, input));
  expect(executable->advance({}, {}));
  Pictures wrong(spec_of("stretch 16x17", "none"));
  wrong.add(20, 20);
  CHECK(error_text(wrong.begin(*executable, TensorLayout::kNchw)).starts_with("shape_mismatch: "));
  Pictures many(spec_of("stretch 16x16", "none"));
  for (int i = 0; i < 3; ++i) many.add(20, 20);
  CHECK(error_text(many.begin(*executable, TensorLayout::kNchw)).starts_with("shape_mismatch: "));
  CHECK(is_same(end_run(*executable), wanted));
}

TEST_CASE("runs of pictures overlap as others do") {
  const auto reference = compile_for_cuda(residual_network(), Precision::kFloat32);
  const auto executable = compile_for_cuda(residual_network(), Precision::kFloat32);
  for (uint32_t seed = 0; seed <= 20; ++seed) {
    if (seed > 0) cuda::set_standin_haste(seed);
    std::deque<Tensor> wanted;
    for (int i = 0; i < 8; ++i) {
      Pictures pictures(spec_of("shorter 16", "16x16"));
      for (int picture = 0; picture < 1 + i % 2; ++picture) {
        pictures.add(20 + 9 * (i * 5 % 7), 18 + 11 * (i % 3));
      }
      wanted.push_back(run(*reference, pictures.tensor({2, 3, 16, 16}, TensorLayout::kNchw)));
      if (i == 0) expect(reshape_to(*executable, {2, 3, 16, 16}));
      expect(pictures.begin(*executable, TensorLayout::kNchw));
      expect(executable->advance({}, {}));
      if (wanted.size() < 2) continue;
      CHECK(is_same(end_run(*executable), wanted.front()));
      wanted.pop_front();
    }
    CHECK(is_same(end_run(*executable), wanted.front()));
  }
  cuda::set_standin_haste(std::nullopt);
}

TEST_CASE("a thousand runs of pictures of all sizes take no more memory once it has grown") {
  const auto executable = compile_for_cuda(residual_network(), Precision::kFloat16);
  expect(reshape_to(*executable, {1, 3, 16, 16}));
  Pictures largest(spec_of("shorter 16", "16x16"));
  largest.add(64, 64);
  expect(largest.begin(*executable, TensorLayout::kNchw));  // each of the two slots
  expect(executable->advance({}, {}));
  run_pictures(*executable, largest, TensorLayout::kNchw);
  end_run(*executable);
  const size_t taken = cuda::standin_device_bytes();
  Tensor first;
  for (int i = 0; i < 1000; ++i) {
    Pictures pictures(spec_of("shorter 16", "16x16"));
    pictures.add(17 + i * 7 % 47, 17 + i * 11 % 47);
    const Tensor found = run_pictures(*executable, pictures, TensorLayout::kNchw);
    REQUIRE(cuda::standin_device_bytes() == taken);
    if (i == 0) {
      first = expect(Tensor::copy(found.view()));
    } else if (i % (47 * 47) == 0 || i % 47 == 0) {
      CHECK(is_same(found, first));
    }
  }
}

TEST_CASE("too little memory for pictures is an error, and the next run is right") {
  const auto executable = compile_for_cuda(residual_network(), Precision::kFloat32);
  expect(reshape_to(*executable, {1, 3, 16, 16}));
  Pictures small(spec_of("shorter 16", "16x16"));
  small.add(20, 20);
  const Tensor wanted = run_pictures(*executable, small, TensorLayout::kNchw);
  expect(small.begin(*executable, TensorLayout::kNchw));
  expect(executable->advance({}, {}));
  Pictures large(spec_of("shorter 16", "16x16"));
  large.add(200, 200);
  cuda::set_standin_limit(cuda::standin_device_bytes() + 1000);
  CHECK(error_text(large.begin(*executable, TensorLayout::kNchw)).starts_with("out_of_memory: "));
  cuda::set_standin_limit(std::nullopt);
  CHECK(is_same(end_run(*executable), wanted));
  CHECK(is_same(run_pictures(*executable, small, TensorLayout::kNchw), wanted));
  CHECK(agrees(*executable, large, TensorLayout::kNchw));
}

}  // namespace synsight::test
