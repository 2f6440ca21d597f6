// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/tensor/tensor.h"

namespace synsight::onnx {

/// Builds a Graph from the bytes of an ONNX file, which may come in pieces of any size. Weights go
/// from the pieces straight into their tensors; the reader holds no second copy and opens no file.
/// Source: onnx.proto, IR version 3 and later.
class Reader {
 public:
  Reader();
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  /// Takes the next bytes of the model. After an error the reader stays failed.
  /// Errors: kInvalidModel, kUnsupportedOp, kUnsupportedType, kOutOfMemory.
  Status feed(std::span<const std::byte> piece);

  /// The files that hold the model's external data, by the plain names that the model gives; to be
  /// asked once, after the model's last byte. Errors: kInvalidModel for a cut model, or for a
  /// location that is not a plain file name.
  Result<std::vector<std::string>> external_files();

  /// Takes the next bytes of an external file, from its beginning. Bytes that no initializer wants
  /// are passed over.
  Status feed_external(std::string_view name, std::span<const std::byte> piece);

  /// The graph, validated. Errors: kInvalidModel for missing bytes and everything that `validate`
  /// answers.
  Result<Graph> finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads one TensorProto, as ONNX's test data sets hold them (`input_0.pb`). Errors: kInvalidModel,
/// kUnsupportedType.
Result<Tensor> read_tensor(std::span<const std::byte> bytes);

}  // namespace synsight::onnx
