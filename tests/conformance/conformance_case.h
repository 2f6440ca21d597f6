// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/backend/backend.h"
#include "core/base/result.h"
#include "core/tensor/tensor.h"

namespace synsight::test {

/// A model with inputs and the outputs that it must give, as write_cases.py wrote them.
struct ConformanceCase {
  std::string name;  // of its folder
  std::string model_path;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
};

/// The cases of a kind (`nodes`, `networks`), by name. Nothing, and a line that says so, where
/// SYNSIGHT_CONFORMANCE_CASES does not name the folder.
std::optional<std::vector<std::string>> find_cases(const std::string& kind);

/// Errors: those of reading a file and a tensor.
Result<ConformanceCase> read_case(const std::string& folder);

/// How a case is run.
struct Runner {
  std::string name;
  const Backend* backend = nullptr;
  bool is_optimized = false;  // through a Session, as users run it
};

/// `reference` on the graph as it is, and every backend on the optimized one.
std::vector<Runner> all_runners();

/// Which of the inputs are fed; the others become initializers, as operators with shape-giving
/// inputs and packed weights need them.
enum class Feeding { kAll, kFirst, kNone };

/// Runs the case. Errors: those of the reader and the backend.
Result<std::vector<Tensor>> run_case(const ConformanceCase& conformance_case, const Runner& runner,
                                     Feeding feeding);

/// Empty where the outputs agree as ONNX's own test runner wants it (relative 1e-3, absolute 1e-7;
/// bfloat16: two of its steps); otherwise what differs.
std::string difference(const ConformanceCase& conformance_case, const std::vector<Tensor>& found);

}  // namespace synsight::test
