// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/tensor_data.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "core/base/text.h"

namespace synsight::onnx {

Status TensorData::set_type(DType dtype, const Shape& shape, DataEncoding encoding) {
  assert(dtype != DType::kUndefined && !has_type());
  SYNSIGHT_TRY_ASSIGN(const size_t num_elements, shape.checked_num_elements());
  dtype_ = dtype;
  shape_ = shape;
  encoding_ = encoding;
  size_bytes_ = num_elements * dtype_size(dtype);
  return {};
}

tl::unexpected<Error> TensorData::fail_too_long() const {
  return fail(ErrorCode::kInvalidModel,
              concat({"has more data than ", dtype_name(dtype_), shape_.to_string(), " takes"}));
}

tl::unexpected<Error> TensorData::fail_too_short() const {
  return fail(ErrorCode::kInvalidModel,
              concat({"has ", staged_.size() + num_written_, " bytes of data, ", dtype_name(dtype_),
                      shape_.to_string(), " takes ", size_bytes_}));
}

bool TensorData::is_backed(size_t num_bytes) const {
  return has_type() && (size_bytes_ <= kUnbackedBytes || size_bytes_ / kMaxClaim <= num_bytes);
}

Status TensorData::append(std::span<const std::byte> bytes) {
  if (tensor_.exists()) return write(bytes);
  if (!is_backed(staged_.size() + bytes.size())) {
    staged_.insert(staged_.end(), bytes.begin(), bytes.end());
    return {};
  }
  SYNSIGHT_TRY(allocate());
  return write(bytes);
}

Status TensorData::allocate() {
  SYNSIGHT_TRY_ASSIGN(tensor_, Tensor::allocate(dtype_, shape_));
  const std::vector<std::byte> staged = std::exchange(staged_, {});
  return write(staged);
}

Status TensorData::write(std::span<const std::byte> bytes) {
  if (encoding_ == DataEncoding::kVarints) return write_varints(bytes);
  if (bytes.size() > size_bytes_ - num_written_) return fail_too_long();
  if (!bytes.empty()) {
    std::memcpy(static_cast<std::byte*>(tensor_.data()) + num_written_, bytes.data(), bytes.size());
  }
  num_written_ += bytes.size();
  return {};
}

Status TensorData::write_varints(std::span<const std::byte> bytes) {
  for (const std::byte next : bytes) {
    switch (varint_.take(next)) {
      case VarintDecoder::State::kPartial:
        break;
      case VarintDecoder::State::kTooLong:
        return fail(ErrorCode::kInvalidModel, "an element is longer than 10 bytes");
      case VarintDecoder::State::kDone:
        SYNSIGHT_TRY(write_element(varint_.value()));
        break;
    }
  }
  return {};
}

// Narrower types keep the low bytes, as protobuf's readers do.
Status TensorData::write_element(uint64_t value) {
  const size_t element_size = dtype_size(dtype_);
  if (num_written_ == size_bytes_) return fail_too_long();
  if (dtype_ == DType::kBool) value = value != 0;
  std::memcpy(static_cast<std::byte*>(tensor_.data()) + num_written_, &value, element_size);
  num_written_ += element_size;
  return {};
}

// Reading any other byte as a bool would be undefined.
void TensorData::normalize_bools() {
  const std::span bytes(static_cast<uint8_t*>(tensor_.data()), size_bytes_);
  for (uint8_t& byte : bytes) byte = byte != 0;
}

Result<Tensor> TensorData::finish() {
  assert(has_type());
  if (!tensor_.exists()) {
    const size_t least_bytes =
        encoding_ == DataEncoding::kRaw ? size_bytes_ : size_bytes_ / dtype_size(dtype_);
    if (staged_.size() < least_bytes) return fail_too_short();
    SYNSIGHT_TRY(allocate());
  }
  if (num_written_ != size_bytes_ || varint_.is_partial()) return fail_too_short();
  if (dtype_ == DType::kBool) normalize_bools();
  return std::move(tensor_);
}

}  // namespace synsight::onnx
