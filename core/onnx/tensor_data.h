// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/onnx/wire.h"
#include "core/tensor/tensor.h"

namespace synsight::onnx {

/// How a tensor's elements are written in a file.
enum class DataEncoding : uint8_t {
  kRaw,      // as in memory
  kVarints,  // protobuf's packed integers
};

/// A tensor's elements, as their bytes come in pieces of any size.
///
/// A file's claim about a tensor's size costs memory only once bytes back it: a tensor above
/// kUnbackedBytes is allocated when 1/kMaxClaim of it has come, and until then the bytes are
/// staged. A malicious file thus costs at most kMaxClaim times its own size, and a real one
/// 1/kMaxClaim of its largest tensor for a moment. (Memory that the system commits only when it is
/// touched would do as well, but WebAssembly's never shrinks again.)
class TensorData {
 public:
  static constexpr size_t kUnbackedBytes = size_t{1} << 20;
  static constexpr size_t kMaxClaim = 16;

  /// Says what the bytes are; once, before `finish`. Bytes that come earlier are staged. Errors:
  /// kShapeMismatch for an unknown or too large shape.
  Status set_type(DType dtype, const Shape& shape, DataEncoding encoding);
  bool has_type() const { return dtype_ != DType::kUndefined; }

  /// Errors: kInvalidModel for more bytes than the type wants, kOutOfMemory.
  Status append(std::span<const std::byte> bytes);

  /// The whole tensor. Errors: kInvalidModel for missing bytes.
  Result<Tensor> finish();

 private:
  bool is_backed(size_t num_bytes) const;
  Status allocate();
  Status write(std::span<const std::byte> bytes);
  Status write_varints(std::span<const std::byte> bytes);
  Status write_element(uint64_t value);
  tl::unexpected<Error> fail_too_long() const;
  tl::unexpected<Error> fail_too_short() const;
  void normalize_bools();

  DType dtype_ = DType::kUndefined;
  Shape shape_;
  DataEncoding encoding_ = DataEncoding::kRaw;
  size_t size_bytes_ = 0;
  std::vector<std::byte> staged_;
  Tensor tensor_;
  size_t num_written_ = 0;  // bytes of tensor_
  VarintDecoder varint_;
};

}  // namespace synsight::onnx
