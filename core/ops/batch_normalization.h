// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

struct BatchNormalizationParams {
  float epsilon = 1e-5f;
};

/// Whether the node normalises by the moments of its input, as in training, and not by given ones.
/// PyTorch's exporter writes a convolution's standardised weights so.
bool uses_batch_statistics(const Node& node);

/// BatchNormalization's attributes. Errors: kInvalidModel; kUnsupportedOp for training and for
/// statistics of single elements (spatial = 0). Source: ONNX BatchNormalization-7, -9, -14.
Result<BatchNormalizationParams> parse_batch_normalization(const Node& node);

}  // namespace synsight::ops
