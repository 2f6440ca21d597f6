// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/onnx/records.h"
#include "core/onnx/tensor_data.h"

namespace synsight::onnx {

/// Whether `name` names a file beside the model on every system: no folder, no drive, not empty.
bool is_plain_file_name(std::string_view name);

/// The files that hold initializers' elements, which come in pieces, each file from its beginning.
class ExternalFiles {
 public:
  /// Errors: kInvalidModel, naming the initializer: for a file name that is not plain, a range that
  /// does not fit in 64 bits, or one that two initializers share.
  static Result<ExternalFiles> create(std::span<const TensorRecord> initializers);

  std::vector<std::string> names() const;

  /// Errors: kInvalidArgument for a file that is not wanted, kOutOfMemory.
  Status feed(std::string_view name, std::span<const std::byte> piece);

  /// Moves the tensors into the initializers that `create` saw. Errors: kInvalidModel for a file
  /// that is too short, naming the initializer and the file.
  Status finish(std::span<TensorRecord> initializers);

 private:
  struct Range {
    size_t initializer = 0;
    uint64_t begin = 0;
    uint64_t end = 0;
    TensorData data;
  };
  struct File {
    uint64_t position = 0;
    std::vector<Range> ranges;  // in the file's order, apart from each other
    size_t next_range = 0;      // the first that is not complete
  };

  Status add(const TensorRecord& initializer, const ExternalRange& location, size_t index);

  std::map<std::string, File, std::less<>> files_;  // by name
};

}  // namespace synsight::onnx
