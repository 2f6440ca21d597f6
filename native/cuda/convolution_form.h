// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "native/cuda/convolution_spec.h"

namespace synsight::cuda {

/// The ways to compute a Conv of constant weights.
enum class ConvolutionWay {
  kProduct,  // cuBLASLt: 1x1 over pixels that lie one after the other
  kFused,    // cuDNN; Z, bias and activation in the same kernel
  kBare,     // cuDNN without them, which a kernel of our own adds
  kDirect,   // our own
};

/// For people: `cudnn convolution`, ...
std::string_view way_name(ConvolutionWay way);

/// How all Convs of one compilation are stored and multiplied.
struct ConvolutionStorage {
  DType dtype = DType::kFloat32;  // or f16, bf16
  bool allow_tf32 = false;
};

/// A Conv of two spatial axes and given shapes, as libraries take it.
struct ConvolutionForm {
  ConvolutionSpec spec;           // of X and W with their zeros, Z, bias and activation fused
  Shape output;                   // [N,M,oH,oW], without the filters of zeros
  bool has_padded_input = false;  // X is copied, to get channels or pixels of zeros
  int64_t top = 0;                // pixels of zeros before X; its other pads are the spec's
  int64_t left = 0;
  std::vector<ConvolutionWay> ways;  // what to try, best first; kDirect is the last

  bool has_padded_filters() const { return output[1] != spec.weights[0]; }
};

/// W [M,C/group,kH,kW] with the zeros that make whole units of filters and channels; groups get
/// none, because their channels lie among others'.
Shape padded_weights(const Shape& weights, int64_t group, const ConvolutionStorage& storage);

/// The form for an input [N,C,H,W] and W's own shape. Errors: those of ops::parse_conv.
Result<ConvolutionForm> find_form(const Node& node, const Shape& input, const Shape& weights,
                                  const ConvolutionStorage& storage);

}  // namespace synsight::cuda
