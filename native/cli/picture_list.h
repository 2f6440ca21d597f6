// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/base/cancellation.h"
#include "core/base/result.h"

namespace synsight::cli {

/// One picture to classify, or an argument that gave none.
struct Picture {
  std::string path;  // as it is shown; `-` is standard input
  Status status;     // why there is no picture
};

/// The pictures that arguments mean, in their order: files whatever they are called, folders with
/// all below them that has a picture's extension, sorted, and `-`.
std::vector<Picture> list_pictures(std::span<const std::string> arguments);

/// The encoded bytes of a picture. Errors: kIo, naming it; kCancelled.
Result<std::vector<std::byte>> read_picture(const Picture& picture, const CancelFlag& cancel);

}  // namespace synsight::cli
