// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>
#include <cudnn_graph.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/tensor/shape.h"
#include "native/cuda/convolution_spec.h"

namespace synsight::cuda {

/// Device memory, 16-byte aligned; b and z only where the spec has them. y must not overlap any.
struct ConvolutionBuffers {
  const void* x = nullptr;
  const void* w = nullptr;
  const void* b = nullptr;
  const void* z = nullptr;
  void* y = nullptr;
  void* workspace = nullptr;  // workspace_bytes() of it; null for 0
};

/// A convolution for given shapes, computed by cuDNN: describe, prepare (or load_plan), perhaps
/// tune, then execute as often as wanted.
class ConvolutionGraph {
 public:
  struct PrepareOptions {
    size_t max_workspace_bytes = size_t{256} << 20;
    size_t max_plans = 1;  // more of them for tune() to choose from; building one takes up to 1 s
  };

  /// Checks the spec and describes it to cuDNN; needs no device. Errors: kUnsupportedType;
  /// kShapeMismatch; kUnsupportedOp with what cuDNN says.
  static Result<ConvolutionGraph> describe(const ConvolutionSpec& spec);

  ConvolutionGraph(ConvolutionGraph&&) noexcept;
  ConvolutionGraph& operator=(ConvolutionGraph&&) noexcept;
  ~ConvolutionGraph();

  /// [N,M,oH,oW], as cuDNN inferred it.
  const Shape& output_shape() const;

  /// Asks cuDNN for plans, in the order of its expectation of their speed, and builds the first of
  /// them that keep to the spec: none that rounds f32 factors without allow_tf32, sums in less than
  /// f32, or gives different sums in every run. Errors: kUnsupportedOp where there is none,
  /// kDevice.
  Status prepare(cudnnHandle_t handle, const PrepareOptions& options);

  /// Times the plans on these buffers and keeps the fastest. Overwrites y and blocks; not for use
  /// while a stream records. Errors: kDevice.
  Status tune(cudnnHandle_t handle, cudaStream_t stream, const ConvolutionBuffers& buffers);

  /// What `execute` needs; before `tune`, what the neediest plan needs.
  size_t workspace_bytes() const;

  /// cuDNN's name of the chosen plan, its engine and settings; empty without a plan.
  std::string plan_name() const;

  /// Queues the convolution, or records it: then this object must outlive the recording. Errors:
  /// kDevice.
  Status execute(cudnnHandle_t handle, cudaStream_t stream,
                 const ConvolutionBuffers& buffers) const;

  /// The chosen plan with its compiled kernels, for load_plan of the same spec with the same cuDNN
  /// on a GPU of the same kind. Errors: kInvalidArgument without a plan; kDevice.
  Result<std::vector<std::byte>> save_plan() const;

  /// In place of prepare and tune. cuDNN trusts the bytes, so they must come from where nobody else
  /// writes. Errors: kInvalidArgument where they are of another spec, cuDNN or GPU; kUnsupportedOp;
  /// kDevice.
  Status load_plan(cudnnHandle_t handle, std::span<const std::byte> bytes);

 private:
  struct Impl;
  explicit ConvolutionGraph(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace synsight::cuda
