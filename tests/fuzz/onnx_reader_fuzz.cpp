// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/onnx/reader.h"

// Any bytes as a model, in pieces whose sizes depend on the bytes, and as a tensor file.

namespace {

using namespace synsight;

// Reads every element, so that AddressSanitizer sees a tensor that is shorter than its shape says.
size_t sum_bytes(const Tensor& tensor) {
  size_t sum = 0;
  for (const uint8_t byte :
       std::span(static_cast<const uint8_t*>(tensor.data()), tensor.size_bytes())) {
    sum += byte;
  }
  return sum;
}

void read_model(std::span<const std::byte> bytes, std::minstd_rand& random) {
  onnx::Reader reader;
  const size_t largest_piece = 1 + random() % 64;
  for (size_t begin = 0; begin < bytes.size();) {
    const size_t size = std::min(bytes.size() - begin, 1 + random() % largest_piece);
    if (!reader.feed(bytes.subspan(begin, size))) return;
    begin += size;
  }
  const auto files = reader.external_files();
  if (!files) return;
  for (const std::string& file : *files) {
    for (int i = 0; i < 3; ++i) {
      if (!reader.feed_external(file, bytes.first(std::min<size_t>(bytes.size(), 100)))) return;
    }
  }
  const auto graph = reader.finish();
  if (!graph) return;
  if (!validate(*graph)) std::abort();
  size_t sum = 0;
  for (const Value& value : graph->values) sum += sum_bytes(value.initializer);
  volatile size_t sink = sum;
  static_cast<void>(sink);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  uint32_t seed = 1;
  for (const uint8_t byte : std::span(data, size)) seed = seed * 16777619 ^ byte;
  std::minstd_rand random(seed);
  read_model(bytes, random);
  if (const auto tensor = onnx::read_tensor(bytes)) {
    volatile size_t sink = sum_bytes(*tensor);
    static_cast<void>(sink);
  }
  return 0;
}
