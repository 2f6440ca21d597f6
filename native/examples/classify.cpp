// SPDX-License-Identifier: Apache-2.0
// Prints the five best classes of a picture: classify_cpp MODEL.onnx PICTURE
#include <cstdio>
#include <utility>

#include "core/backend/xnnpack/xnnpack_backend.h"
#include "core/classifier/classifier.h"
#include "core/classifier/model_file.h"

using namespace synsight;

static Status classify(const char* model, const char* picture) {
  const XnnpackBackend backend;
  ClassifierOptions options;
  options.session.backends = {&backend};
  SYNSIGHT_TRY_ASSIGN(Graph graph, read_model_file(model));
  SYNSIGHT_TRY_ASSIGN(Classifier classifier, Classifier::create(std::move(graph), options));
  SYNSIGHT_TRY_ASSIGN(const auto bytes, read_file(picture, 100'000'000));
  SYNSIGHT_TRY_ASSIGN(const PreparedImage prepared, classifier.prepare(bytes));
  SYNSIGHT_TRY_ASSIGN(const Classification answer, classifier.classify(prepared, 5));
  for (const Prediction& prediction : answer.predictions) {
    std::printf("%6.2f %%  %s\n", 100.0 * prediction.probability, prediction.label.c_str());
  }
  return {};
}

int main(int argc, char** argv) {
  if (argc != 3) return std::fputs("usage: classify_cpp MODEL.onnx PICTURE\n", stderr), 2;
  const Status status = classify(argv[1], argv[2]);
  if (!status) std::fprintf(stderr, "error: %s\n", status.error().message.c_str());
  return status ? 0 : 1;
}
