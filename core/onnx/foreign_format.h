// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace synsight::onnx {

/// Enough bytes for `foreign_format`.
inline constexpr size_t kFormatHeadBytes = 64;

/// What a file that turned out to be no ONNX model is, by its first bytes: `a JPEG picture`,
/// `a Git LFS pointer`, ...; empty where it cannot be told.
std::string_view foreign_format(std::span<const std::byte> head);

}  // namespace synsight::onnx
