// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/onnx/wire.h"

namespace synsight::onnx {

/// What MessageStream found next.
struct StreamEvent {
  enum class Kind {
    kStarved,  // the piece is used up
    kLength,  // the tag and length of a kBytes field; say what shall become of it, or it is skipped
    kField,   // a number, or a kBytes field for which `buffer` was called
    kChunk,   // the next bytes of a field for which `stream` was called
    kEnd,     // a message that was entered has ended
  };
  Kind kind = Kind::kStarved;
  Field field;
};

/// Splits a protobuf message that comes in pieces of any size into its fields. Nested messages are
/// entered, not buffered, so a message may be larger than memory. Every length is checked against
/// the message that holds it; memory is taken only for bytes that have come.
class MessageStream {
 public:
  /// What a field that is buffered may hold at most; only weights are larger, and they are
  /// streamed.
  static constexpr uint64_t kMaxBufferedBytes = uint64_t{16} << 20;
  static constexpr size_t kMaxDepth = 8;

  /// Hands over the next bytes, which must live until `next` is starved.
  void give(std::span<const std::byte> piece) { piece_ = piece; }

  /// The next event; its bytes are valid until the next call. Errors: kInvalidModel, naming the
  /// position.
  Result<StreamEvent> next();

  /// After kLength, and before `next`: reads the field as a message, as one whole, or in chunks.
  void enter();
  Status buffer();
  void stream() { state_ = State::kStream; }

  /// Bytes taken so far.
  uint64_t position() const { return position_; }

  /// Whether the bytes so far end where a message may end.
  bool is_complete() const {
    return ends_.size() == 1 && state_ == State::kTag && !varint_.is_partial();
  }

 private:
  enum class State { kTag, kVarint, kFixed, kLength, kSkip, kBuffer, kStream };

  tl::unexpected<Error> fail_here(const std::string& message) const;
  Result<bool> take_varint();
  Result<bool> take_fixed();
  Result<bool> take_header(StreamEvent& event);
  Status start_value();
  void take_buffered(StreamEvent& event);
  std::span<const std::byte> take_bytes();
  std::byte take_byte();
  uint64_t message_bytes_left() const { return ends_.back() - position_; }

  State state_ = State::kTag;
  std::span<const std::byte> piece_;
  uint64_t position_ = 0;
  std::vector<uint64_t> ends_ = {std::numeric_limits<uint64_t>::max()};  // of the open messages
  Field field_;
  VarintDecoder varint_;
  unsigned num_fixed_bytes_ = 0;  // of the number that is being put together
  uint64_t bytes_left_ = 0;       // of the kBytes field
  std::vector<std::byte> buffer_;
};

}  // namespace synsight::onnx
