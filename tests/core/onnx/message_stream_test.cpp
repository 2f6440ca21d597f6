// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/message_stream.h"

#include <doctest/doctest.h>

#include <string>

#include "core/base/text.h"
#include "tests/support/proto_writer.h"

using namespace synsight;
using namespace synsight::onnx;
using namespace synsight::test;

namespace {

std::string text_of(std::span<const std::byte> bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// Field 1 is a message to enter, 2 is buffered, 3 is streamed, others are skipped.
Status choose(MessageStream& stream, uint32_t number) {
  if (number == 1) stream.enter();
  if (number == 2) return stream.buffer();
  if (number == 3) stream.stream();
  return {};
}

// Takes all events that `piece` brings, as text; the chunks of a field are joined.
Status feed(MessageStream& stream, std::string_view piece, std::string& log) {
  stream.give(as_bytes(piece));
  for (;;) {
    SYNSIGHT_TRY_ASSIGN(const StreamEvent event, stream.next());
    switch (event.kind) {
      case StreamEvent::Kind::kStarved:
        return {};
      case StreamEvent::Kind::kLength:
        log += concat({" ", event.field.number, "(", event.field.value, ")"});
        SYNSIGHT_TRY(choose(stream, event.field.number));
        break;
      case StreamEvent::Kind::kField:
        log += event.field.type == WireType::kBytes
                   ? "=" + text_of(event.field.bytes)
                   : concat({" ", event.field.number, "=", event.field.value});
        break;
      case StreamEvent::Kind::kChunk:
        log += text_of(event.field.bytes);
        break;
      case StreamEvent::Kind::kEnd:
        log += " end";
        break;
    }
  }
}

// The events of a message that comes in pieces, and behind them the error or `complete`.
std::string events(const std::string& message, size_t piece_size) {
  MessageStream stream;
  std::string log;
  for (size_t begin = 0; begin < message.size(); begin += piece_size) {
    const std::string piece = message.substr(begin, piece_size);
    if (auto status = feed(stream, piece, log); !status)
      return log + " ! " + status.error().message;
  }
  return log + (stream.is_complete() ? " complete" : " cut");
}

}  // namespace

TEST_CASE("pieces of any size give the same events") {
  const ProtoWriter innermost = ProtoWriter().bytes(3, "streamed bytes").varint(300, 70000);
  const ProtoWriter inner = ProtoWriter().message(1, innermost).fixed32(5, 77);
  const std::string message = ProtoWriter()
                                  .varint(7, 1)
                                  .message(1, inner)
                                  .bytes(2, "buffered text")
                                  .bytes(9, "skipped")
                                  .bytes(2, "")
                                  .bytes(3, "")
                                  .message(1, ProtoWriter())
                                  .fixed64(8, uint64_t{1} << 40)
                                  .text();
  const std::string wanted =
      " 7=1 1(28) 1(21) 3(14)streamed bytes 300=70000 end 5=77 end 2(13)=buffered text 9(7) 2(0)="
      " 3(0) 1(0) end 8=1099511627776 complete";
  for (size_t piece_size = 1; piece_size <= message.size(); ++piece_size) {
    CAPTURE(piece_size);
    CHECK(events(message, piece_size) == wanted);
  }
}

TEST_CASE("a message that stops early is cut, not complete") {
  const std::string message = ProtoWriter().message(1, ProtoWriter().varint(7, 300)).text();
  for (size_t size = 1; size < message.size(); ++size) {
    CAPTURE(size);
    CHECK(events(message.substr(0, size), 1).ends_with(" cut"));
  }
  CHECK(events(message, 1).ends_with(" complete"));
}

TEST_CASE("a length that the enclosing message cannot hold is an error") {
  const ProtoWriter too_long = ProtoWriter().tag(3, 2).append_varint(10);
  CHECK(events(ProtoWriter().message(1, too_long).append("0123456789").text(), 100) ==
        " 1(2) ! byte 4: field 3 claims 10 bytes, its message has 0 left");
  const ProtoWriter cut_number = ProtoWriter().tag(7, 0).append("\x80");
  CHECK(events(ProtoWriter().message(1, cut_number).append("\x01").text(), 100) ==
        " 1(2) ! byte 4: a field runs past the end of its message");
  const ProtoWriter cut_fixed = ProtoWriter().tag(7, 5).append("ab");
  CHECK(events(ProtoWriter().message(1, cut_fixed).append("cd").text(), 100) ==
        " 1(3) ! byte 5: a field runs past the end of its message");
}

TEST_CASE("numbers that are too long and types that are unknown are errors") {
  CHECK(events("\x08" + std::string(10, '\x80'), 3) ==
        " ! byte 11: a number is longer than 10 bytes");
  CHECK(events("\x0f", 1) == " ! byte 1: field 1 has wire type 7, which ONNX does not use");
  CHECK(events("\x01", 1) == " ! byte 1: field number 0 is not allowed");
}

TEST_CASE("a field that is too large to buffer is an error before its bytes come") {
  const ProtoWriter huge = ProtoWriter().tag(2, 2).append_varint((uint64_t{16} << 20) + 1);
  CHECK(events(huge.text(), 1) ==
        " 2(16777217) ! byte 5: field 2 is 16777217 bytes long, at most 16777216 are read");
}

TEST_CASE("a claimed length costs nothing before its bytes come") {
  CHECK(events(ProtoWriter().tag(3, 2).append_varint(uint64_t{1} << 60).text(), 1) ==
        " 3(1152921504606846976) cut");
}
