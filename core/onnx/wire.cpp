// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/wire.h"

#include <bit>
#include <cstring>

#include "core/base/text.h"

namespace synsight::onnx {

static_assert(std::endian::native == std::endian::little, "ONNX's bytes are little-endian");

std::string Field::text() const {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

VarintDecoder::State VarintDecoder::take(std::byte next) {
  constexpr unsigned kLastShift = 63;  // the tenth byte holds one bit
  const auto bits = std::to_integer<uint64_t>(next);
  if (shift_ == 0) value_ = 0;
  if (shift_ == kLastShift && bits > 1) return State::kTooLong;
  value_ |= (bits & 0x7f) << shift_;
  if (bits < 0x80) {
    shift_ = 0;
    return State::kDone;
  }
  shift_ += 7;
  return State::kPartial;
}

Status decode_tag(uint64_t tag, Field& field) {
  const uint64_t number = tag >> 3;
  const uint64_t type = tag & 7;
  if (number == 0 || number > kMaxFieldNumber) {
    return fail(ErrorCode::kInvalidModel, concat({"field number ", number, " is not allowed"}));
  }
  if (type == 3 || type == 4 || type > 5) {
    return fail(ErrorCode::kInvalidModel,
                concat({"field ", number, " has wire type ", type, ", which ONNX does not use"}));
  }
  field.number = static_cast<uint32_t>(number);
  field.type = static_cast<WireType>(type);
  return {};
}

Result<uint64_t> FieldCursor::read_varint() {
  VarintDecoder decoder;
  for (size_t i = 0; i < rest_.size(); ++i) {
    const VarintDecoder::State state = decoder.take(rest_[i]);
    if (state == VarintDecoder::State::kTooLong) break;
    if (state == VarintDecoder::State::kDone) {
      rest_ = rest_.subspan(i + 1);
      return decoder.value();
    }
  }
  return fail(ErrorCode::kInvalidModel, "a number is cut or too long");
}

Result<uint64_t> FieldCursor::read_fixed(size_t num_bytes) {
  if (rest_.size() < num_bytes) return fail(ErrorCode::kInvalidModel, "a number is cut");
  uint64_t value = 0;
  std::memcpy(&value, rest_.data(), num_bytes);
  rest_ = rest_.subspan(num_bytes);
  return value;
}

bool FieldCursor::next() {
  if (rest_.empty() || !status_) return false;
  status_ = read_field();
  return status_.has_value();
}

Status FieldCursor::read_field() {
  SYNSIGHT_TRY_ASSIGN(const uint64_t tag, read_varint());
  SYNSIGHT_TRY(decode_tag(tag, field_));
  field_.bytes = {};
  if (field_.type == WireType::kFixed32 || field_.type == WireType::kFixed64) {
    SYNSIGHT_TRY_ASSIGN(field_.value, read_fixed(field_.type == WireType::kFixed32 ? 4 : 8));
    return {};
  }
  SYNSIGHT_TRY_ASSIGN(field_.value, read_varint());
  if (field_.type == WireType::kVarint) return {};
  if (field_.value > rest_.size()) {
    return fail(ErrorCode::kInvalidModel,
                concat({"field ", field_.number, " claims ", field_.value,
                        " bytes, its message has ", rest_.size(), " left"}));
  }
  field_.bytes = rest_.first(static_cast<size_t>(field_.value));
  rest_ = rest_.subspan(field_.bytes.size());
  return {};
}

Status append_ints(const Field& field, std::vector<int64_t>& numbers) {
  if (field.type == WireType::kVarint) {
    numbers.push_back(static_cast<int64_t>(field.value));
    return {};
  }
  VarintDecoder decoder;
  for (const std::byte next : field.bytes) {
    const VarintDecoder::State state = decoder.take(next);
    if (state == VarintDecoder::State::kTooLong) {
      return fail(ErrorCode::kInvalidModel, "a number is too long");
    }
    if (state == VarintDecoder::State::kDone) {
      numbers.push_back(static_cast<int64_t>(decoder.value()));
    }
  }
  if (decoder.is_partial()) return fail(ErrorCode::kInvalidModel, "a number is cut");
  return {};
}

Status append_floats(const Field& field, std::vector<float>& numbers) {
  if (field.type == WireType::kFixed32) {
    numbers.push_back(std::bit_cast<float>(static_cast<uint32_t>(field.value)));
    return {};
  }
  if (field.bytes.size() % sizeof(float) != 0) {
    return fail(ErrorCode::kInvalidModel, "a list of floats is cut");
  }
  const size_t num_before = numbers.size();
  numbers.resize(num_before + field.bytes.size() / sizeof(float));
  if (!field.bytes.empty()) {
    std::memcpy(numbers.data() + num_before, field.bytes.data(), field.bytes.size());
  }
  return {};
}

}  // namespace synsight::onnx
