// SPDX-License-Identifier: Apache-2.0
// What only a GPU can show.
#include "native/cuda/device.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "core/image/preprocess.h"
#include "tests/core/image/fixture.h"
#include "tests/native/cuda/lane_sums.h"
#include "tests/native/cuda/runs.h"
#include "tests/native/cuda/small_networks.h"
#include "tests/support/expect.h"

namespace synsight::test {

namespace {

size_t free_bytes() { return expect(cuda::use_device(0)).free_bytes; }

/// Pictures of many sizes, with their plans for 16x16 pixels.
struct Pictures {
  std::vector<image::Image> images;
  std::vector<image::PreprocessPlan> plans;
  std::vector<Tensor> answers;

  explicit Pictures(int count) {
    image::InputSpec spec;
    expect(set_field(spec, "resize", "shorter 16"));
    expect(set_field(spec, "crop", "16x16"));
    expect(set_field(spec, "scale", "1/255"));
    for (int i = 0; i < count; ++i) {
      images.push_back(image::noise_image(100 + 37 * i, 500 - 23 * i));
      const image::Image& picture = images.back();
      plans.push_back(expect(image::PreprocessPlan::create({picture.width, picture.height}, spec)));
      const Tensor tensor = expect(image::preprocess(picture, spec, image::TensorLayout::kNchw));
      answers.push_back(reference_output(residual_network(), tensor));
    }
  }

  image::PlannedPicture operator[](size_t i) const { return {&images[i], &plans[i]}; }
};

}  // namespace

TEST_CASE("10,000 pictures take no more memory, and each gets its own answer") {
  constexpr size_t kNumPictures = 10'000;
  constexpr size_t kWarmUp = 100;
  const Pictures pictures(16);
  const auto executable = compile_for_cuda(residual_network(), Precision::kFloat16);
  expect(reshape_to(*executable, {1, 3, 16, 16}));
  const auto index_of = [&](size_t i) { return i * 7 % pictures.images.size(); };
  size_t free_after_warm_up = 0;
  size_t num_wrong = 0;
  for (size_t i = 0; i <= kNumPictures; ++i) {
    if (i < kNumPictures) {
      const image::PlannedPicture picture = pictures[index_of(i)];
      expect(executable->begin_pictures({&picture, 1}, image::TensorLayout::kNchw));
      expect(executable->advance({}, {}));
    }
    if (i == 0) continue;  // two are always under way
    const Tensor found = end_run(*executable);
    num_wrong += difference(found, pictures.answers[index_of(i - 1)]) > 1e-2;
    if (i == kWarmUp) free_after_warm_up = free_bytes();
  }
  CHECK(num_wrong == 0);
  CHECK(free_bytes() >= free_after_warm_up);
}

TEST_CASE("an executable gives all its memory back") {
  compile_for_cuda(residual_network(), Precision::kFloat16);  // the libraries load their code
  const size_t before = free_bytes();
  for (int i = 0; i < 20; ++i) {
    const auto executable = compile_for_cuda(residual_network(), Precision::kFloat16);
    run(*executable, random_pictures({4, 3, 16, 16}, 1));
  }
  CHECK(free_bytes() >= before);
}

TEST_CASE("the lanes of a row join what they found") {
  for (const int64_t columns : {1, 2, 31, 32, 33, 64, 100, 1000}) {
    for (const int64_t rows : {1, 7, 8, 9, 70'000}) {
      CAPTURE(columns);
      CAPTURE(rows);
      std::vector<float> elements(static_cast<size_t>(rows * columns));
      for (size_t i = 0; i < elements.size(); ++i) elements[i] = static_cast<float>(i * 7 % 11);
      const std::vector<LaneResult> found = expect(join_lanes(elements, rows));
      size_t num_wrong = 0;
      for (int64_t row = 0; row < rows; ++row) {
        const auto* const begin = elements.data() + row * columns;
        // Whole numbers, so that every order gives the same sum.
        const float sum = std::accumulate(begin, begin + columns, 0.0F);
        const auto* const max = std::max_element(begin, begin + columns);
        const LaneResult& result = found[static_cast<size_t>(row)];
        num_wrong += result.sum != sum || result.max != *max || result.place != max - begin ||
                     !result.is_same_in_all_lanes;
      }
      CHECK(num_wrong == 0);
    }
  }
}

}  // namespace synsight::test
