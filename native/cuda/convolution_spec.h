// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.h"
#include "core/ops/conv.h"
#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"

namespace synsight::cuda {

/// What is done with each sum, after the residual and the bias. kClamp bounds it by clamp_min and
/// clamp_max.
enum class ConvActivation { kNone, kRelu, kClamp, kSigmoid, kSilu };

/// Y = activation(Conv(X, W) + Z + B). X: [N,C,H,W] stored as [N][H][W][C]; W: [M,C/group,kH,kW]
/// stored as [M][kH][kW][C/group]; Z and Y: [N,M,oH,oW] stored like X; B: [M]. All five have one
/// element type, because cuDNN's ready-made kernels of Conv + Z + B + Relu have it so; products are
/// summed and the rest computed in f32. Of int8 there are X and W only, and Y is their int32 sums.
/// Source: ONNX Conv-22.
struct ConvolutionSpec {
  DType dtype = DType::kFloat32;  // or f16, bf16, int8
  bool allow_tf32 = false;        // f32 factors may lose the last 13 of their 24 bits
  Shape input;                    // X
  Shape weights;                  // W
  ops::ConvParams params;         // two spatial axes; of each the stride, dilation and pads count
  bool has_bias = false;
  bool has_residual = false;
  ConvActivation activation = ConvActivation::kNone;
  float clamp_min = 0;
  float clamp_max = 6;
};

/// One line for messages and profiles: `f16 [1,64,56,56] * [64,64,3,3], strides 1x1, ...`.
/// Different specs have different ones, but for clamp's bounds where there is no clamp.
std::string to_string(const ConvolutionSpec& spec);

/// [N,M,oH,oW]. Errors: kShapeMismatch where sizes, groups or the window do not fit each other.
Result<Shape> output_shape_of(const ConvolutionSpec& spec);

/// The element type of Y.
inline DType result_dtype(const ConvolutionSpec& spec) {
  return spec.dtype == DType::kInt8 ? DType::kInt32 : spec.dtype;
}

/// Channels are a multiple of this where cuDNN's tensor-core kernels are to take them on every
/// architecture: 8 of f16 and bf16 (16 bytes; from Ampere on 2 do), 4 of f32 with tf32 and of int8,
/// 1 of f32.
/// The three channels of a picture are best padded to it with zeros, in X and W.
int64_t channel_unit(const ConvolutionSpec& spec);

/// Whether cuDNN is expected to have a fast plan; else a kernel of our own is the better choice:
/// - Fused graphs are generated at run time, for tensor cores only, without groups, and where
///   channels are a multiple of channel_unit. A filter a channel is never fast there.
/// - Plain f32 has the ready-made kernels only. They know Z, B and Relu but no other activation.
/// - Ready-made kernels want the same padding at both ends, as generated ones do not
///   (microsoft/onnxruntime#26274); TensorFlow's SAME with stride 2 pads the ends differently.
/// - Groups of more than one channel have ready-made kernels of a Conv by itself, and so has int8.
/// It is a guess before there is a device: `prepare` decides.
bool is_suited(const ConvolutionSpec& spec);

}  // namespace synsight::cuda
