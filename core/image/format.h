// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/base/result.h"
#include "core/image/bytes.h"

namespace synsight::image {

/// The formats that `decode` reads.
enum class Format { kJpeg, kPng, kBmp, kGif };

/// `jpeg`, `png`, `bmp`, `gif`.
std::string_view format_name(Format format);

/// The format that the first bytes say. Errors: kInvalidImage, naming what the bytes are instead:
/// empty, text, or another format by its name.
Result<Format> find_format(Bytes file);

}  // namespace synsight::image
