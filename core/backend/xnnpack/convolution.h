// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/backend/xnnpack/xnn_operator.h"
#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/ops/window.h"

namespace synsight::xnnpack {

/// A convolution as XNNPACK packs it.
struct ConvolutionSpec {
  ops::Window window;  // two axes; their `input` and `output` are not read
  size_t groups = 1;
  size_t group_input_channels = 1;
  size_t group_output_channels = 1;
  size_t output_stride = 0;    // channels between two output pixels; 0: the convolution's own
  bool is_same_upper = false;  // pads follow from the input's size, as for auto_pad SAME_UPPER
  ActivationRange activation;
};

/// `weights`: [M, kH, kW, C/group]; `bias`: [M] or null. Errors: kOutOfMemory, kUnsupportedOp.
Result<XnnOperator> create_convolution(const ConvolutionSpec& spec, const float* weights,
                                       const float* bias);

/// The window over an input [N,C,H,W] that gives the output: with their sizes, and the pads before
/// it where they follow from these.
ops::Window place_window(const ConvolutionSpec& spec, const Shape& input, const Shape& output);

/// The bytes of the table of pointers to pixels that XNNPACK makes for a window over outputs
/// [N,C,oH,oW]: one for each tap of each pixel; where `shares_taps`, as for one channel a group and
/// for pools, neighbours in a row share theirs.
double table_bytes(const ops::Window& window, const Shape& output, bool shares_taps);

/// Prepares for an input [N,C,H,W] that lies channels last, and an output of that shape. Returns
/// the bytes of scratch memory.
Result<size_t> reshape_convolution(xnn_operator_t op, const Shape& input, const Shape& output,
                                   pthreadpool_t threads);

Status setup_convolution(xnn_operator_t op, const void* input, void* output, void* scratch);

}  // namespace synsight::xnnpack
