// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/message_stream.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/base/text.h"

namespace synsight::onnx {

tl::unexpected<Error> MessageStream::fail_here(const std::string& message) const {
  return fail(ErrorCode::kInvalidModel, concat({"byte ", position_, ": ", message}));
}

std::byte MessageStream::take_byte() {
  const std::byte next = piece_.front();
  piece_ = piece_.subspan(1);
  ++position_;
  return next;
}

// As much of the current kBytes field as the piece holds.
std::span<const std::byte> MessageStream::take_bytes() {
  const auto size = static_cast<size_t>(std::min<uint64_t>(piece_.size(), bytes_left_));
  const auto taken = piece_.first(size);
  piece_ = piece_.subspan(size);
  position_ += size;
  bytes_left_ -= size;
  return taken;
}

// True once a whole varint is in `varint_`; false where the piece ends first.
Result<bool> MessageStream::take_varint() {
  while (!piece_.empty()) {
    if (message_bytes_left() == 0) return fail_here("a field runs past the end of its message");
    switch (varint_.take(take_byte())) {
      case VarintDecoder::State::kDone:
        return true;
      case VarintDecoder::State::kTooLong:
        return fail_here("a number is longer than 10 bytes");
      case VarintDecoder::State::kPartial:
        break;
    }
  }
  return false;
}

Result<bool> MessageStream::take_fixed() {
  const unsigned size = field_.type == WireType::kFixed32 ? 4 : 8;
  while (num_fixed_bytes_ < size) {
    if (piece_.empty()) return false;
    if (message_bytes_left() == 0) return fail_here("a field runs past the end of its message");
    field_.value |= std::to_integer<uint64_t>(take_byte()) << (8 * num_fixed_bytes_);
    ++num_fixed_bytes_;
  }
  return true;
}

// Behind a tag: makes ready for what the field's wire type brings.
Status MessageStream::start_value() {
  if (auto status = decode_tag(varint_.value(), field_); !status) {
    return fail_here(std::move(status).error().message);
  }
  field_.value = 0;
  field_.bytes = {};
  num_fixed_bytes_ = 0;
  switch (field_.type) {
    case WireType::kVarint:
      state_ = State::kVarint;
      break;
    case WireType::kBytes:
      state_ = State::kLength;
      break;
    case WireType::kFixed32:
    case WireType::kFixed64:
      state_ = State::kFixed;
      break;
  }
  return {};
}

// Takes one step through a field's tag, number or length. True where `event` was set; false where
// the piece has to be looked at again.
Result<bool> MessageStream::take_header(StreamEvent& event) {
  Result<bool> is_whole = state_ == State::kFixed ? take_fixed() : take_varint();
  SYNSIGHT_TRY(is_whole);
  if (!*is_whole) {
    event.kind = StreamEvent::Kind::kStarved;
    return true;
  }
  if (state_ == State::kTag) {
    SYNSIGHT_TRY(start_value());
    return false;
  }
  if (state_ == State::kLength) {
    bytes_left_ = varint_.value();
    if (bytes_left_ > message_bytes_left()) {
      return fail_here(concat({"field ", field_.number, " claims ", bytes_left_,
                               " bytes, its message has ", message_bytes_left(), " left"}));
    }
    field_.value = bytes_left_;
    state_ = State::kSkip;
    event = {StreamEvent::Kind::kLength, field_};
    return true;
  }
  if (state_ == State::kVarint) field_.value = varint_.value();
  state_ = State::kTag;
  event = {StreamEvent::Kind::kField, field_};
  return true;
}

// Sets `event` where the whole field has come.
void MessageStream::take_buffered(StreamEvent& event) {
  const auto taken = take_bytes();
  const bool is_in_one_piece = buffer_.empty() && bytes_left_ == 0;
  if (!is_in_one_piece) buffer_.insert(buffer_.end(), taken.begin(), taken.end());
  if (bytes_left_ > 0) return;
  state_ = State::kTag;
  event = {StreamEvent::Kind::kField, field_};
  event.field.bytes = is_in_one_piece ? taken : std::span<const std::byte>(buffer_);
}

Result<StreamEvent> MessageStream::next() {
  StreamEvent event;
  for (;;) {
    switch (state_) {
      case State::kTag:
        if (message_bytes_left() == 0 && !varint_.is_partial()) {
          ends_.pop_back();
          event.kind = StreamEvent::Kind::kEnd;
          return event;
        }
        [[fallthrough]];
      case State::kVarint:
      case State::kFixed:
      case State::kLength: {
        SYNSIGHT_TRY_ASSIGN(const bool is_event, take_header(event));
        if (is_event) return event;
        break;
      }
      case State::kSkip:
        take_bytes();
        if (bytes_left_ > 0) return event;
        state_ = State::kTag;
        break;
      case State::kStream:
        if (bytes_left_ == 0) {
          state_ = State::kTag;
          break;
        }
        if (piece_.empty()) return event;
        event = {StreamEvent::Kind::kChunk, field_};
        event.field.bytes = take_bytes();
        return event;
      case State::kBuffer:
        take_buffered(event);
        return event;
    }
  }
}

void MessageStream::enter() {
  assert(ends_.size() < kMaxDepth);
  ends_.push_back(position_ + bytes_left_);
  state_ = State::kTag;
}

Status MessageStream::buffer() {
  if (bytes_left_ > kMaxBufferedBytes) {
    return fail_here(concat({"field ", field_.number, " is ", bytes_left_, " bytes long, at most ",
                             kMaxBufferedBytes, " are read"}));
  }
  buffer_.clear();
  state_ = State::kBuffer;
  return {};
}

}  // namespace synsight::onnx
