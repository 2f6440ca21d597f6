// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/backend/backend.h"

namespace synsight::cli {

/// The whole program: reads the command line, does what it asks and reports a failure as one line
/// on stderr. Returns the exit code: 0, 1 for a failure, 2 for usage, 128 + the signal where Ctrl-C
/// or SIGTERM ended the work. `backends` are in the order in which `--backend auto` tries them.
int run_command_line(int argc, char** argv, std::vector<const Backend*> backends);

}  // namespace synsight::cli
