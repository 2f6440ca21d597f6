// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <numeric>
#include <string>
#include <vector>

#include "core/onnx/reader.h"
#include "tests/core/onnx/model_writer.h"
#include "tests/support/proto_writer.h"

using namespace synsight;
using namespace synsight::test;

// Under ASan and UBSan these find what reads or writes outside its bounds.

namespace {

// Reads all that the bytes lead to. Returns whether they made a graph.
bool survives(const std::string& bytes, size_t piece_size) {
  onnx::Reader reader;
  for (size_t begin = 0; begin < bytes.size(); begin += piece_size) {
    if (!reader.feed(as_bytes(std::string_view(bytes).substr(begin, piece_size)))) break;
  }
  if (const auto files = reader.external_files()) {
    const std::string data(16, '\1');
    for (const std::string& file : *files) {
      if (!reader.feed_external(file, as_bytes(data))) break;
    }
  }
  const auto graph = reader.finish();
  if (!graph) {
    CHECK_FALSE(graph.error().message.empty());
    return false;
  }
  CHECK(validate(*graph).has_value());
  CHECK_FALSE(to_text(*graph).empty());  // touches every element
  return true;
}

std::vector<int> all_changes() {
  std::vector<int> changes(255);
  std::iota(changes.begin(), changes.end(), 1);
  return changes;
}

// Reads the model once for each position and change of the byte that stands there.
void check_changes(const std::string& bytes, const std::vector<int>& changes) {
  size_t num_graphs = 0;
  for (size_t position = 0; position < bytes.size(); ++position) {
    for (const int change : changes) {
      std::string changed = bytes;
      changed[position] = static_cast<char>(changed[position] ^ change);
      if (survives(changed, position % 5 == 0 ? 1 : bytes.size())) ++num_graphs;
    }
  }
  CHECK(num_graphs > 0);
  CHECK(num_graphs < bytes.size() * changes.size());
}

}  // namespace

TEST_CASE("every truncation of a model is an error or a valid graph") {
  for (const std::string& bytes : sample_models()) {
    REQUIRE(survives(bytes, bytes.size()));
    for (size_t size = 0; size < bytes.size(); ++size) survives(bytes.substr(0, size), size + 1);
  }
}

TEST_CASE("every one-byte change of a model gives an error or a valid graph") {
  check_changes(small_model(), all_changes());
  for (const std::string& bytes : sample_models()) {
    check_changes(bytes, {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x7f, 0xff});
  }
}

TEST_CASE("every one-byte change of a tensor file gives an error or a tensor") {
  const std::string bytes = tensor_header("t", kInt64Type, {2, 1}).packed(7, {-5, 300}).text();
  for (size_t position = 0; position < bytes.size(); ++position) {
    for (const int change : all_changes()) {
      std::string changed = bytes;
      changed[position] = static_cast<char>(changed[position] ^ change);
      const auto tensor = onnx::read_tensor(as_bytes(changed));
      if (!tensor) continue;
      CHECK(tensor->size_bytes() == tensor->shape().num_elements() * dtype_size(tensor->dtype()));
    }
  }
}
