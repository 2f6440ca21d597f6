// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/tensor/tensor.h"

namespace synsight::ops {

enum class ResizeMode { kNearest, kLinear, kCubic };

/// An axis that is resized; `scale` is the output's size by the input's, as the model says it.
struct ResizeAxis {
  size_t axis = 0;
  int64_t input = 0;
  int64_t output = 0;
  double scale = 1;

  bool changes_nothing() const { return output == input && scale == 1; }
};

struct ResizeParams {
  ResizeMode mode = ResizeMode::kNearest;
  std::string coordinates;
  std::string nearest;  // before opset 11 empty: down where an axis grows, up where it shrinks
  double cubic_a = -0.75;
  bool excludes_outside = false;
  bool has_antialias = false;
  std::vector<ResizeAxis> axes;  // to be resized one by one, in this order
};

/// What one output index reads of an axis: `weights` from the input index `begin` on, which may lie
/// outside; the edge is repeated there.
struct ResizeTaps {
  int64_t begin = 0;
  std::vector<double> weights;
};

/// Errors: kInvalidModel, kShapeMismatch, kUnsupportedOp, kUnsupportedType. Source: ONNX Resize-19.
Result<ResizeParams> parse_resize(const Node& node, std::span<const TensorView> inputs);

ResizeTaps resize_taps(const ResizeParams& params, const ResizeAxis& axis, int64_t index);

}  // namespace synsight::ops
