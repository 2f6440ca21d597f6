// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cublasLt.h>
#include <cudnn_graph.h>

#include <memory>

#include "core/base/result.h"
#include "native/cuda/cuda_error.h"

namespace synsight::cuda {

/// The same as check_cuda of a cudaError_t; cuDNN's own explanation of its last error is added.
/// Errors: kOutOfMemory; kUnsupportedOp for what cuDNN or cuBLASLt have no kernel for; kDevice.
Status check_cuda(cudnnStatus_t status, const char* call);
Status check_cuda(cublasStatus_t status, const char* call);

struct DestroyHandle {
  void operator()(cudnnHandle_t handle) const { cudnnDestroy(handle); }
  void operator()(cublasLtHandle_t handle) const { cublasLtDestroy(handle); }
};

/// A library's state for the calling thread's device. It is used by one thread at a time.
using CudnnHandle = std::unique_ptr<cudnnContext, DestroyHandle>;
using CublasLtHandle = std::unique_ptr<cublasLtContext, DestroyHandle>;

/// Errors: kDevice where there is no device that the library can use.
Result<CudnnHandle> create_cudnn();
Result<CublasLtHandle> create_cublaslt();

/// What kind of GPU the calling thread's is.
struct Architecture {
  int compute_capability = 0;  // 90 for 9.0
  int num_processors = 0;
};

/// Errors: kDevice.
Result<Architecture> current_architecture();

}  // namespace synsight::cuda
