// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "core/backend/operand.h"
#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/ops/conv.h"
#include "native/cuda/functors/quantized_convolution.h"
#include "native/cuda/kernel.h"
#include "native/cuda/quantized_groups.h"

namespace synsight::cuda {

/// A quantised layer's constants on the device.
struct QuantizedConstants {
  Shape shape;     // of the weights [M,C/group,k1,...], with the zeros that are added
  Memory weights;  // int8 [M][taps][C/group]; [taps][C] for a filter a channel
  Memory bias;     // int32, one a filter of the layer
  Memory scales;   // f32, likewise
  Memory totals;   // int32, likewise: the filter's sum
  Memory offsets;  // f32, likewise
  Clamp clamp;
  float y_step = 1;
  int x_zero = 0;
  int y_zero = 0;

  const int8_t* weights_data() const { return reinterpret_cast<const int8_t*>(weights.data()); }
  const int32_t* totals_data() const { return reinterpret_cast<const int32_t*>(totals.data()); }
  Levels levels(DType x) const;
  Requantize requantize(DType y) const;
  /// X's zero point, where X is made int8.
  int signed_zero(DType x) const { return x == DType::kUInt8 ? x_zero - 128 : x_zero; }
};

/// `shape`: the weights' own, or with more filters and channels.
Result<QuantizedConstants> upload_quantized(Queue& queue, const QuantizedLayer& layer,
                                            const Shape& shape, bool is_depthwise);

inline bool is_8_bit(const Operand& operand) {
  return operand.info.dtype == DType::kInt8 || operand.info.dtype == DType::kUInt8;
}

/// X as a library takes it: int8, channels last, with zero points around its pixels and behind its
/// channels.
struct PaddedLevels {
  Operand x;         // [N,C,H,W] of int8 or uint8, of any layout
  Shape shape;       // [N, channels, rows, columns], none less than X's
  int64_t top = 0;   // rows of zero points above X
  int64_t left = 0;  // columns of them before it
  int zero = 0;      // the zero point as int8
};

/// Queues the copy of `x` to `padded`. Errors: kDevice.
Status queue_padded_levels(Queue& queue, const PaddedLevels& plan, const void* x, void* padded);

/// Queues what makes Y, channels last, of sums [N][oH][oW][filters] of int8 X and W, where X's zero
/// point is `zero`. Errors: kDevice.
Status queue_requantized(Queue& queue, const QuantizedConstants& constants, int zero,
                         const Operand& y, const void* sums, void* to);

/// Queues the convolution without a library, slowly, of an int8 X whose zero point is `zero`, in
/// the layout of Y. Errors: kDevice.
Status queue_quantized(Queue& queue, const QuantizedConstants& constants,
                       const ops::ConvParams& params, int zero, const Operand& x, const Operand& y,
                       const void* from, void* to);

/// The kernel for a quantised group of that Conv, by kernels of our own; null for more than three
/// axes. Errors: kDevice, kOutOfMemory.
Result<std::unique_ptr<Kernel>> make_own_quantized(const Compilation& compilation, const Node& conv,
                                                   const QuantizedLayer& layer);

/// By a library's where it has one.
Result<std::unique_ptr<Kernel>> make_quantized_convolution(const Compilation& compilation,
                                                           const Node& conv,
                                                           const QuantizedLayer& layer);

/// Whether there is a filter for each channel, and two spatial axes.
inline bool is_depthwise(const Shape& weights, int64_t group) {
  return weights.rank() == 4 && weights[0] == group && weights[1] == 1;
}

}  // namespace synsight::cuda
