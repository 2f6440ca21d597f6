// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/backend/backend.h"
#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/tensor/tensor.h"

namespace synsight::test {

/// Reshapes `executable` to the inputs' shapes and runs it once. The outputs start out as bytes of
/// 0xff (NaN, or -1), so that an element that the backend does not write is seen.
Result<std::vector<Tensor>> run_once(Executable& executable, std::span<const TensorView> inputs,
                                     const RunOptions& options = {});

/// Compiles `graph` and runs it once.
Result<std::vector<Tensor>> run_graph(const Backend& backend, Graph&& graph,
                                      std::span<const TensorView> inputs);

}  // namespace synsight::test
