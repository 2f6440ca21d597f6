// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/wire.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/support/proto_writer.h"

using namespace synsight;
using namespace synsight::onnx;
using namespace synsight::test;

namespace {

// The error that reading all fields ends with; empty: none.
std::string read_all(const std::string& message, std::vector<Field>* fields = nullptr) {
  FieldCursor cursor(as_bytes(message));
  while (cursor.next()) {
    if (fields != nullptr) fields->push_back(cursor.field());
  }
  return cursor.status() ? "" : cursor.status().error().message;
}

}  // namespace

TEST_CASE("a message's fields are read in order, whatever their wire type") {
  const std::string message = ProtoWriter()
                                  .varint(1, 300)
                                  .fixed32(2, 0xdeadbeef)
                                  .fixed64(3, 0x0123456789abcdef)
                                  .bytes(4, "text")
                                  .varint(536870911, std::numeric_limits<uint64_t>::max())
                                  .text();
  std::vector<Field> fields;
  CHECK(read_all(message, &fields) == "");
  REQUIRE(fields.size() == 5);
  CHECK(fields[0].key() == field_key(1, WireType::kVarint));
  CHECK(fields[0].value == 300);
  CHECK(fields[1].key() == field_key(2, WireType::kFixed32));
  CHECK(fields[1].value == 0xdeadbeef);
  CHECK(fields[2].key() == field_key(3, WireType::kFixed64));
  CHECK(fields[2].value == 0x0123456789abcdef);
  CHECK(fields[3].key() == field_key(4, WireType::kBytes));
  CHECK(fields[3].text() == "text");
  CHECK(fields[4].number == 536870911);
  CHECK(fields[4].value == std::numeric_limits<uint64_t>::max());
}

TEST_CASE("a broken message is an error") {
  CHECK(read_all("\x08") == "a number is cut or too long");
  CHECK(read_all("\x08\x80") == "a number is cut or too long");
  CHECK(read_all("\x08" + std::string(9, '\x80') + "\x02") == "a number is cut or too long");
  CHECK(read_all("\x08" + std::string(9, '\x80') + "\x01") == "");
  CHECK(read_all("\x0d\x01\x02\x03") == "a number is cut");
  CHECK(read_all("\x09\x01\x02\x03\x04") == "a number is cut");
  CHECK(read_all("\x0a\x05"
                 "abc") == "field 1 claims 5 bytes, its message has 3 left");
  CHECK(read_all(ProtoWriter().tag(1, 2).append_varint(~uint64_t{0}).text()) ==
        "field 1 claims 18446744073709551615 bytes, its message has 0 left");
  CHECK(read_all(std::string(2, '\0')) == "field number 0 is not allowed");
  CHECK(read_all("\x0b") == "field 1 has wire type 3, which ONNX does not use");
  CHECK(read_all("\x0c") == "field 1 has wire type 4, which ONNX does not use");
  CHECK(read_all("\x0e") == "field 1 has wire type 6, which ONNX does not use");
  CHECK(read_all(ProtoWriter().append_varint(uint64_t{1} << 32).text()) ==
        "field number 536870912 is not allowed");
}

TEST_CASE("repeated numbers are read packed and single") {
  std::vector<Field> fields;
  const std::string message = ProtoWriter()
                                  .packed(1, {1, -1, 1234567890123})
                                  .varint(1, 5)
                                  .bytes(2, std::string("\0\0\x80\x3f", 4))
                                  .fixed32(2, 0xc0000000)
                                  .text();
  CHECK(read_all(message, &fields) == "");
  REQUIRE(fields.size() == 4);
  std::vector<int64_t> ints;
  CHECK(append_ints(fields[0], ints).has_value());
  CHECK(append_ints(fields[1], ints).has_value());
  CHECK(ints == std::vector<int64_t>{1, -1, 1234567890123, 5});
  std::vector<float> floats;
  CHECK(append_floats(fields[2], floats).has_value());
  CHECK(append_floats(fields[3], floats).has_value());
  CHECK(floats == std::vector<float>{1, -2});
}

TEST_CASE("repeated numbers that are cut are an error") {
  std::vector<int64_t> ints;
  std::vector<float> floats;
  Field field;
  field.type = WireType::kBytes;
  const std::string cut_int = "\x01\x80";
  field.bytes = as_bytes(cut_int);
  CHECK(append_ints(field, ints).error().message == "a number is cut");
  const std::string long_int(11, '\x80');
  field.bytes = as_bytes(long_int);
  CHECK(append_ints(field, ints).error().message == "a number is too long");
  const std::string cut_float(5, '\0');
  field.bytes = as_bytes(cut_float);
  CHECK(append_floats(field, floats).error().message == "a list of floats is cut");
}
