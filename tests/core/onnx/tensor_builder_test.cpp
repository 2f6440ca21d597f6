// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/tensor_builder.h"

#include <doctest/doctest.h>

#include <bit>
#include <string>
#include <vector>

#include "core/base/text.h"
#include "core/onnx/reader.h"
#include "core/onnx/tensor_data.h"
#include "tests/core/onnx/model_writer.h"
#include "tests/support/proto_writer.h"
#include "tests/support/test_tensor.h"

using namespace synsight;
using namespace synsight::test;

namespace {

constexpr uint32_t kFloatData = 4;
constexpr uint32_t kInt32Data = 5;
constexpr uint32_t kInt64Data = 7;
constexpr uint32_t kRawData = 9;
constexpr uint32_t kDoubleData = 10;
constexpr uint32_t kUint64Data = 11;

std::string error_of(const ProtoWriter& tensor) {
  const auto read = onnx::read_tensor(as_bytes(tensor.text()));
  return read ? "" : read.error().message;
}

/// Elements as typed data and as raw data holds them.
struct TypedCase {
  uint64_t data_type;
  DType dtype;
  uint32_t field;
  std::vector<int64_t> typed;  // as written
  size_t element_size;
  std::vector<uint64_t> raw;  // each element's bytes as a number
};

const TypedCase kIntegerCases[] = {
    {2, DType::kUInt8, kInt32Data, {0, 200, 255}, 1, {0, 200, 255}},
    {3, DType::kInt8, kInt32Data, {-128, -1, 127}, 1, {0x80, 0xff, 0x7f}},
    {4, DType::kUInt16, kInt32Data, {0, 40000, 65535}, 2, {0, 40000, 65535}},
    {5, DType::kInt16, kInt32Data, {-32768, -1, 32767}, 2, {0x8000, 0xffff, 0x7fff}},
    {6,
     DType::kInt32,
     kInt32Data,
     {-2147483648, -1, 2147483647},
     4,
     {0x80000000, 0xffffffff, 0x7fffffff}},
    {7,
     DType::kInt64,
     kInt64Data,
     {-9007199254740993, -1, 3},
     8,
     {0xffdfffffffffffff, 0xffffffffffffffff, 3}},
    {9, DType::kBool, kInt32Data, {0, 1, 1}, 1, {0, 1, 1}},
    {10, DType::kFloat16, kInt32Data, {0x3c00, 0xc000, 0x7bff}, 2, {0x3c00, 0xc000, 0x7bff}},
    {12, DType::kUInt32, kUint64Data, {0, 1, 4294967295}, 4, {0, 1, 0xffffffff}},
    {13, DType::kUInt64, kUint64Data, {0, 1, -1}, 8, {0, 1, 0xffffffffffffffff}},
    {16, DType::kBFloat16, kInt32Data, {0x3f80, 0xc000, 0}, 2, {0x3f80, 0xc000, 0}},
};

void check_elements(const ProtoWriter& tensor, const TypedCase& wanted) {
  const auto read = onnx::read_tensor(as_bytes(tensor.text()));
  REQUIRE(read.has_value());
  CHECK(read->dtype() == wanted.dtype);
  CHECK(read->shape() == Shape({3}));
  ProtoWriter elements;
  for (const uint64_t element : wanted.raw) {
    elements.append_little_endian(element, wanted.element_size);
  }
  const std::string found(static_cast<const char*>(read->data()), read->size_bytes());
  CHECK(found == elements.text());
}

}  // namespace

TEST_CASE("integers are the same packed, single and raw, before and behind their type") {
  for (const TypedCase& typed : kIntegerCases) {
    CAPTURE(typed.data_type);
    ProtoWriter packed = tensor_header("t", typed.data_type, {3}).packed(typed.field, typed.typed);
    check_elements(packed, typed);

    ProtoWriter single = tensor_header("t", typed.data_type, {3});
    for (const int64_t element : typed.typed) {
      single.varint(typed.field, static_cast<uint64_t>(element));
    }
    check_elements(single, typed);

    ProtoWriter elements;
    for (const uint64_t element : typed.raw) {
      elements.append_little_endian(element, typed.element_size);
    }
    check_elements(tensor_header("t", typed.data_type, {3}).bytes(kRawData, elements.text()),
                   typed);

    const std::string header = tensor_header("t", typed.data_type, {3}).text();
    check_elements(ProtoWriter().packed(typed.field, typed.typed).append(header), typed);
    check_elements(ProtoWriter().bytes(kRawData, elements.text()).append(header), typed);
  }
}

TEST_CASE("floats and doubles are the same packed, single and raw") {
  const std::vector<float> floats = {1.5f, -0.0f, 3e38f};
  ProtoWriter single_floats = tensor_header("t", 1, {3});
  for (const float value : floats) {
    single_floats.fixed32(kFloatData, std::bit_cast<uint32_t>(value));
  }
  for (const ProtoWriter& tensor :
       {tensor_header("t", 1, {3}).bytes(kFloatData, raw_floats(floats)),
        tensor_header("t", 1, {3}).bytes(kRawData, raw_floats(floats)), single_floats}) {
    const auto read = onnx::read_tensor(as_bytes(tensor.text()));
    REQUIRE(read.has_value());
    CHECK(to_doubles(read->view()) == std::vector<double>(floats.begin(), floats.end()));
  }

  const std::vector<double> doubles = {1e300, -2.25, 0.1};
  ProtoWriter raw;
  ProtoWriter single_doubles = tensor_header("t", 11, {3});
  for (const double value : doubles) {
    raw.append_little_endian(std::bit_cast<uint64_t>(value), 8);
    single_doubles.fixed64(kDoubleData, std::bit_cast<uint64_t>(value));
  }
  for (const ProtoWriter& tensor :
       {tensor_header("t", 11, {3}).message(kDoubleData, raw),
        tensor_header("t", 11, {3}).message(kRawData, raw), single_doubles}) {
    const auto read = onnx::read_tensor(as_bytes(tensor.text()));
    REQUIRE(read.has_value());
    CHECK(to_doubles(read->view()) == doubles);
  }
}

TEST_CASE("dims may be single numbers, and a scalar has none") {
  const ProtoWriter single =
      ProtoWriter().varint(1, 2).varint(1, 1).varint(2, 1).bytes(kRawData, raw_floats({1, 2}));
  const auto read = onnx::read_tensor(as_bytes(single.text()));
  REQUIRE(read.has_value());
  CHECK(read->shape() == Shape({2, 1}));

  const auto scalar = onnx::read_tensor(as_bytes(float_tensor("s", {}, {7}).text()));
  REQUIRE(scalar.has_value());
  CHECK(scalar->shape().rank() == 0);
  CHECK(scalar->as<float>()[0] == 7);

  const auto empty = onnx::read_tensor(as_bytes(tensor_header("e", 1, {2, 0}).text()));
  REQUIRE(empty.has_value());
  CHECK(empty->shape() == Shape({2, 0}));
}

TEST_CASE("a bool is 0 or 1 in memory, whatever the file says") {
  const std::string raw = {'\0', '\x02', '\xff'};
  const auto read =
      onnx::read_tensor(as_bytes(tensor_header("b", kBoolType, {3}).bytes(kRawData, raw).text()));
  REQUIRE(read.has_value());
  CHECK(std::string(static_cast<const char*>(read->data()), 3) == std::string("\0\1\1", 3));
}

TEST_CASE("elements that do not fit the shape or type are an error") {
  CHECK(error_of(float_tensor("t", {2, 2}, {1, 2, 3})) ==
        "has 12 bytes of data, float32[2,2] takes 16");
  CHECK(error_of(float_tensor("t", {2}, {1, 2, 3})) == "has more data than float32[2] takes");
  CHECK(error_of(tensor_header("t", 1, {2})) == "has 0 bytes of data, float32[2] takes 8");
  CHECK(error_of(tensor_header("t", 7, {1}).packed(kInt64Data, {1, 2})) ==
        "has more data than int64[1] takes");
  CHECK(error_of(tensor_header("t", 7, {3}).packed(kInt64Data, {1, 2})) ==
        "has 16 bytes of data, int64[3] takes 24");
  CHECK(error_of(tensor_header("t", 7, {1}).bytes(kInt64Data, "\x80")) ==
        "has 0 bytes of data, int64[1] takes 8");
  CHECK(error_of(tensor_header("t", 7, {1}).bytes(kInt64Data, std::string(11, '\x80'))) ==
        "an element is longer than 10 bytes");
  CHECK(error_of(tensor_header("t", 1, {1}).packed(kInt32Data, {1})) ==
        "holds float32 in field 5, which is for other types");
  CHECK(error_of(float_tensor("t", {1}, {1}).packed(kInt32Data, {1})) ==
        "has elements in fields 9 and 5, wanted one of them");
  CHECK(error_of(float_tensor("t", {1}, {1}).packed(1, {1})) ==
        "has dims on both sides of its data");
  CHECK(error_of(float_tensor("t", {1}, {1}).varint(2, 7)) == "has two data types");
  CHECK(error_of(ProtoWriter().bytes(kRawData, "1234")) == "has no data type");
  CHECK(error_of(tensor_header("t", 1, {-1})) == "shape [?] has an unknown dimension");
  CHECK(error_of(tensor_header("t", 1, {int64_t{1} << 40, int64_t{1} << 40})) ==
        "shape [1099511627776,1099511627776] is too large");
  CHECK(error_of(tensor_header("t", 1, std::vector<int64_t>(9, 1))) ==
        "a tensor has 9 dimensions, at most 8 are supported");
}

TEST_CASE("an element type that is not supported is named") {
  CHECK(error_of(tensor_header("t", kFloat8Type, {1}).bytes(kRawData, "1")) ==
        "tensor \"t\" is of type float8e4m3fn");
  CHECK(error_of(tensor_header("t", kStringType, {1}).bytes(6, "text")) ==
        "tensor \"t\" is of type string");
  CHECK(error_of(tensor_header("t", 99, {1})) == "tensor \"t\" is of type 99");
  CHECK(error_of(external_tensor("t", {1}, "file")) == "tensor \"t\" has its data in another file");
}

TEST_CASE("a claim of a large tensor is an error once its bytes are missing, and costs no memory") {
  // With 64 bits more than could be allocated at all.
  constexpr int64_t kBytes = sizeof(size_t) > 4 ? int64_t{1} << 50 : int64_t{1} << 28;
  const std::string wanted = concat({" bytes of data, uint8[", kBytes, "] takes ", kBytes});
  CHECK(error_of(tensor_header("t", 2, {kBytes}).bytes(kRawData, "12345678")) == "has 8" + wanted);
  CHECK(error_of(tensor_header("t", 2, {kBytes}).packed(kInt32Data, {1, 2, 3})) ==
        "has 3" + wanted);
}

TEST_CASE("a large tensor is put together from staged and direct pieces") {
  constexpr size_t kSize = onnx::TensorData::kUnbackedBytes * 2 + 12;
  constexpr size_t kPiece = 1000;
  std::string bytes(kSize, '\0');
  for (size_t i = 0; i < kSize; ++i) bytes[i] = static_cast<char>(i * 2654435761u >> 13);
  onnx::TensorData data;
  REQUIRE(data.set_type(DType::kUInt8, {static_cast<int64_t>(kSize)}, onnx::DataEncoding::kRaw));
  for (size_t begin = 0; begin < kSize; begin += kPiece) {
    REQUIRE(data.append(as_bytes(std::string_view(bytes).substr(begin, kPiece))));
  }
  const auto tensor = data.finish();
  REQUIRE(tensor.has_value());
  CHECK(std::string(static_cast<const char*>(tensor->data()), kSize) == bytes);
}
