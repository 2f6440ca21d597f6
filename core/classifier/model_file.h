// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight {

/// Reads an ONNX file, and the external data files beside it, in pieces. External data is read only
/// from a regular file (not a symbolic link) in the model's own folder. Errors: kIo, and what
/// onnx::Reader answers; each names the file.
Result<Graph> read_model_file(const std::string& path);

/// The bytes of a regular file. Errors: kIo, naming the file, also where it is larger than
/// `max_bytes`.
Result<std::vector<std::byte>> read_file(const std::string& path, size_t max_bytes);

}  // namespace synsight
