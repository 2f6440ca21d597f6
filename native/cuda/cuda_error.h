// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include "core/base/result.h"

namespace synsight::cuda {

/// Success, or what a call of CUDA answered, in CUDA's words. `call` is its source text, of which
/// the name is told, and which CUDA then forgets. Errors: kOutOfMemory, kDevice.
Status check_cuda(cudaError_t error, const char* call);

}  // namespace synsight::cuda

/// Returns from the enclosing function what `call` answered, but for success: a cudaError_t, or
/// with native/cuda/library_handles.h a cudnnStatus_t or cublasStatus_t.
#define SYNSIGHT_CUDA_TRY(call) SYNSIGHT_TRY(::synsight::cuda::check_cuda((call), #call))
