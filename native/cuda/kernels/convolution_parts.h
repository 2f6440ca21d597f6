// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/backend/operand.h"
#include "core/base/result.h"
#include "native/cuda/convolution_spec.h"
#include "native/cuda/device.h"
#include "native/cuda/functors/clamp.h"

/// What is our own around a library's convolution, and in its place.
namespace synsight::cuda {

/// X as a library takes it: channels last in the storage type, with zeros.
struct PaddedInput {
  Operand x;                          // [N,C,H,W] of any layout, stored as f32, f16 or bf16
  Shape shape;                        // [N, channels, rows, columns], none less than X's
  int64_t top = 0;                    // rows of zeros above X
  int64_t left = 0;                   // columns of zeros before it
  DType storage = DType::kUndefined;  // f32, f16 or bf16
};

/// Queues the copy of `x` to `padded`. Errors: kDevice.
Status queue_padded_input(Queue& queue, const PaddedInput& plan, const void* x, void* padded);

/// What comes after the sums: Y [N,M,oH,oW], channels last, is made of the first M of `channels`.
struct ConvolutionEnd {
  Shape output;
  int64_t channels = 0;  // at least M
  DType storage = DType::kUndefined;
  Clamp clamp;
};

struct EndBuffers {
  const void* sums = nullptr;   // may be y where there are M channels
  const float* bias = nullptr;  // [M], or null
  const void* z = nullptr;      // as y, or null
  void* y = nullptr;
};

/// Queues y = clamp(sums + bias + z). Errors: kDevice.
Status queue_end(Queue& queue, const ConvolutionEnd& plan, const EndBuffers& buffers);

/// Buffers of a spec's operands; b in f32.
struct DirectBuffers {
  const void* x = nullptr;
  const void* w = nullptr;
  const float* bias = nullptr;  // or null
  const void* z = nullptr;      // as y, or null
  void* y = nullptr;
};

/// Queues the spec's convolution without a library, slowly, for the first M of its filters, as the
/// output [N,M,oH,oW] says; bias and clamp in place of the spec's. Errors: kDevice.
Status queue_direct(Queue& queue, const ConvolutionSpec& spec, const Shape& output,
                    const Clamp& clamp, const DirectBuffers& buffers);

}  // namespace synsight::cuda
