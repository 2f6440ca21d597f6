// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::optimize {

/// Rewrites a valid graph into one that computes the same with fewer nodes: every pass below, in
/// order, then drops what nothing uses. Names of the nodes that stay survive. Errors:
/// kUnsupportedOp, kOutOfMemory and what operators answer.
Status optimize(Graph& graph);

/// Computes in f32 whatever is declared f16, bf16 or f64: initializers are converted, Cast nodes
/// join the graph's inputs and outputs, which keep their declared types. Where the model casts
/// to f16 or bf16 and straight on, numbers are still rounded.
Status compute_in_float32(Graph& graph);

/// Drops nodes that change nothing at inference: Identity, Dropout, Cast to the same type, Pad by
/// nothing, ...
Status remove_no_ops(Graph& graph);

/// Replaces an Einsum that is a product of matrices by a MatMul, between Transposes where the axes
/// lie otherwise.
Status replace_einsum(Graph& graph);

/// Replaces nodes whose inputs are all constant by initializers, computed by the reference kernels.
Status fold_constants(Graph& graph);

/// The same, but what DequantizeLinear gives stays, for compute_in_integers to find.
Status fold_quantized_constants(Graph& graph);

/// Computes a quantised Conv, Gemm or MatMul, between DequantizeLinear and QuantizeLinear, as ONNX
/// Runtime does: sums of integers, which f32 holds exactly up to 2^24, in whatever order, and one
/// scale behind them. A Conv that it computes in floats gets its bias last.
Status compute_in_integers(Graph& graph);

/// Makes one LayerNormalization of the nodes that PyTorch's exporter wrote for it before opset 17.
Status join_layer_normalization(Graph& graph);

/// Moves a constant zero Pad before a Conv or an average pool that counts it into the operator's
/// `pads`.
Status fold_padding(Graph& graph);

/// Multiplies BatchNormalization, and constant per-channel Mul and Add, into the Conv or Gemm
/// before it; what cannot be moved stays.
Status fold_batch_normalization(Graph& graph);

/// Turns Relu and Clip after an operator that computes f32 into that node's ActivationRange.
Status fuse_activations(Graph& graph);

/// Drops nodes and initializers that no output needs.
Status remove_unused(Graph& graph);

}  // namespace synsight::optimize
