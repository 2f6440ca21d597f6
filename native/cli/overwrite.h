// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "core/base/result.h"

namespace synsight::cli {

/// Whether writing the file `output` leaves alone what the command reads: `inputs` (`-` is standard
/// input) and the files of the model, which is a name or a file. Links are followed. Errors:
/// kInvalidArgument, naming both.
Status check_keeps_inputs(const std::string& output, std::span<const std::string> inputs,
                          const std::string& model);

}  // namespace synsight::cli
