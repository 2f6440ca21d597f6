// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace synsight::cli {

/// How many threads a network gets unless somebody says otherwise: one for each physical core that
/// this process may use, at most 16.
int default_num_threads();

/// The processor's name as the system gives it; empty where it gives none.
std::string cpu_name();

/// The instruction sets that matter to the kernels and that this processor has: `avx2`, ...
std::vector<std::string> cpu_features();

/// The folder of this program's file.
std::filesystem::path program_folder();

}  // namespace synsight::cli
