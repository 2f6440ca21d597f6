// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// The attributes of a unary function, with ONNX's defaults; 0 where the operator has none.
struct UnaryParams {
  double alpha = 0;
  double beta = 0;  // HardSigmoid's beta, Selu's gamma
};

/// Those of LeakyRelu, Elu, Selu, Celu, ThresholdedRelu, HardSigmoid and Swish. Errors:
/// kInvalidModel.
Result<UnaryParams> parse_unary_params(const Node& node);

}  // namespace synsight::ops
