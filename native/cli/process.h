// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/cancellation.h"
#include "core/base/result.h"

namespace synsight::cli {

/// What a program writes to standard output when it is run on `input`. The program is looked for on
/// PATH, and no shell is between. Errors: kIo where it is not there, or fails, with the first line
/// that it says; kCancelled, after which it is ended.
Result<std::string> run_program(const std::vector<std::string>& arguments, std::string_view input,
                                const CancelFlag& cancel);

}  // namespace synsight::cli
