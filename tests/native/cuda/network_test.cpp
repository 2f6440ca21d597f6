// SPDX-License-Identifier: Apache-2.0
// Whole networks on photographs.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/backend/reference/reference_backend.h"
#include "core/classifier/model_file.h"
#include "core/classifier/picture_input.h"
#include "core/classifier/session.h"
#include "native/cuda/cuda_backend.h"
#include "native/cuda/device.h"
#include "tests/native/cuda/runs.h"
#include "tests/support/expect.h"

namespace synsight::test {

namespace {

const std::string kBuild = SYNSIGHT_SOURCE_DIR "/build/";

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(kBuild + folder, error)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Of the logits' range. In f16 0.1 % to 0.4 % have been seen.
constexpr double kF32Tolerance = 1e-4;
constexpr double kF16Tolerance = 1e-2;

/// The models that are there; on the stand-in, which is slow, two of the smallest.
std::vector<std::string> networks() {
  const bool is_standin = expect(cuda::list_devices())[0].name == "stand-in";
  std::vector<std::string> paths;
  for (const std::string& path : files_in("models")) {
    const std::string name = std::filesystem::path(path).stem();
    const bool is_small = name == "efficientnet-lite0" || name == "efficientnet-lite0-int8";
    if (path.ends_with(".onnx") && (is_small || !is_standin)) paths.push_back(path);
  }
  if (paths.empty()) MESSAGE("skipped: there are no networks in build/models");
  return paths;
}

Session session_of(const std::string& model, const Backend& backend, Precision precision) {
  SessionOptions options;
  options.backends = {&backend};
  options.compile.precision = precision;
  return expect(Session::create(expect(read_model_file(model)), options));
}

Tensor logits(Session& session, const Tensor& picture) {
  const TensorView view = picture.view();
  return std::move(expect(session.run({&view, 1})).front());
}

size_t best_class(const Tensor& logits) {
  const auto scores = logits.as<float>();
  return static_cast<size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

}  // namespace

TEST_CASE("networks answer to photographs as the reference does") {
  std::vector<std::string> pictures = files_in("pictures");
  if (pictures.empty()) MESSAGE("skipped: there are no pictures in build/pictures");
  pictures.resize(std::min(pictures.size(), size_t{2}));
  const ReferenceBackend reference_backend;
  const CudaBackend cuda_backend;
  for (const std::string& model : networks()) {
    CAPTURE(model);
    const PictureInput input = expect(PictureInput::create(expect(read_model_file(model)), "", {}));
    Session reference = session_of(model, reference_backend, Precision::kFloat32);
    Session f32 = session_of(model, cuda_backend, Precision::kFloat32);
    Session f16 = session_of(model, cuda_backend, Precision::kFloat16);
    for (const std::string& path : pictures) {
      CAPTURE(path);
      const Tensor picture =
          expect(input.prepare(expect(read_file(path, size_t{1} << 24)), {})).tensor;
      const Tensor wanted = logits(reference, picture);
      const Tensor f32_logits = logits(f32, picture);
      const Tensor f16_logits = logits(f16, picture);
      CHECK(difference(f32_logits, wanted) < kF32Tolerance);
      CHECK(difference(f16_logits, wanted) < kF16Tolerance);
      CHECK(best_class(f32_logits) == best_class(wanted));
      CHECK(best_class(f16_logits) == best_class(wanted));
      MESSAGE("off by ", difference(f32_logits, wanted), " of the range in f32, by ",
              difference(f16_logits, wanted), " in f16");
    }
  }
}

}  // namespace synsight::test
