// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "native/cuda/convolution_graph.h"
#include "native/cuda/libraries.h"
#include "native/cuda/library_handles.h"
#include "native/cuda/plan_cache.h"

namespace synsight::cuda {

struct Libraries {
  CudnnHandle cudnn;
  CublasLtHandle cublaslt;
  cudaStream_t stream = nullptr;
  bool is_tuned = false;
  std::string plan_file;  // empty: none
  std::string machine;    // what plans depend on beside their spec: cuDNN, the kind of GPU
  PlanCache plans;        // of the file, and what was found since
  std::map<std::string, std::weak_ptr<const ConvolutionGraph>> graphs;  // in use, by spec
};

/// The spec's convolution, ready to be executed; nodes of one spec share it. It comes from the file
/// of plans where that has it, else from cuDNN, timed where that is wanted. Errors: kUnsupportedOp
/// where cuDNN has no plan, kShapeMismatch, kDevice.
Result<std::shared_ptr<const ConvolutionGraph>> plan_convolution(Libraries& libraries, Queue& queue,
                                                                 const ConvolutionSpec& spec);

/// The key under which `plans` keeps what was found fastest for `what`.
std::string choice_key(const Libraries& libraries, std::string_view what);

/// cuBLASLt wants its workspace at a multiple of this, and a program's memory lies at multiples of
/// kBufferAlignment. Source: cublasLtMatmul's documentation.
inline constexpr size_t kWorkspaceAlignment = 256;

/// The scratch memory to ask for, so that align_workspace finds `size_bytes` in it.
inline size_t with_alignment(size_t size_bytes) {
  return size_bytes == 0 ? 0 : size_bytes + kWorkspaceAlignment;
}
inline std::byte* align_workspace(void* scratch) {
  const size_t excess = reinterpret_cast<uintptr_t>(scratch) % kWorkspaceAlignment;
  return static_cast<std::byte*>(scratch) + (excess == 0 ? 0 : kWorkspaceAlignment - excess);
}

/// Whether an error only says that there is no such kernel, so that another way is to be tried.
inline bool is_unsupported(const Error& error) {
  return error.code == ErrorCode::kUnsupportedOp || error.code == ErrorCode::kUnsupportedType;
}

}  // namespace synsight::cuda
