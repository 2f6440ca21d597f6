// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/cancellation.h"
#include "core/base/result.h"
#include "core/capi/synsight.h"
#include "core/classifier/classifier.h"
#include "core/classifier/session.h"
#include "core/graph/graph.h"
#include "core/image/decode.h"
#include "core/onnx/reader.h"

// What the handles of synsight.h hold.

struct synsight_reader {
  synsight::onnx::Reader reader;
  std::vector<std::string> names;          // of the external files
  std::vector<const char*> name_pointers;  // the same, ended by null
};

struct synsight_model {
  std::optional<synsight::Graph> graph;  // none once it is used up
};

struct synsight_cancel_flag {
  synsight::CancelFlag flag;
};

struct synsight_session {
  std::optional<synsight::Session> owned;  // none where a classifier owns it
  synsight::Session* session = nullptr;
  uint64_t num_runs = 0;  // that were started
  // As they were last asked for.
  std::vector<synsight_port> inputs;
  std::vector<synsight_port> outputs;
  synsight_session_info info = {};
};

struct synsight_classifier {
  synsight::Classifier classifier;
  synsight::image::DecodeOptions decode_options;
  std::string input_spec;
  synsight_classifier_info info = {};
  synsight_session session;
};

struct synsight_task {
  synsight_classifier* classifier = nullptr;
  size_t top = 0;
  synsight::RunOptions options;
  int width = 0;  // of the picture
  int height = 0;
  uint64_t run = 0;  // of the classifier's session
};

namespace synsight::capi {

/// Hands a status to C, with its message where one is wanted.
synsight_status report(const Status& status, char** message);

/// Errors: kInvalidArgument where `pointer` is null, naming what it is.
Status check_given(const void* pointer, std::string_view name);

/// Sets what a function gives to null, for the case that it fails. Errors: as check_given.
template <typename T>
Status clear(T** given, std::string_view name) {
  if (given == nullptr) return check_given(nullptr, name);
  *given = nullptr;
  return {};
}

/// Errors: kInvalidArgument for a null pointer to more than 0 bytes.
Result<std::span<const std::byte>> read_bytes(const void* bytes, size_t num_bytes);

/// The model's graph, once. Errors: kInvalidArgument for none.
Result<Graph> take_graph(synsight_model* model);

/// A tensor as C sees it, as long as the tensor lives where it is.
synsight_tensor view_tensor(const Tensor& tensor);

/// Milliseconds as the clock counts them; of more than 31 years, 31 years.
Clock::duration clock_duration(double milliseconds);

/// Errors: kInvalidArgument for a size or timeout that cannot be.
Result<RunOptions> read_run_options(const synsight_run_options* options);

}  // namespace synsight::capi
