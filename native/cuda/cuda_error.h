// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime.h>

#include <string_view>

#include "core/base/result.h"
#include "core/base/text.h"

namespace synsight::cuda {

/// Errors: kDevice with the call's name and what CUDA says.
inline Status check_cuda(cudaError_t error, std::string_view call) {
  if (error == cudaSuccess) return {};
  return fail(ErrorCode::kDevice,
              concat({call, ": ", cudaGetErrorString(error), " (", cudaGetErrorName(error), ")"}));
}

}  // namespace synsight::cuda

/// Returns with kDevice where a call of CUDA's runtime fails.
#define SYNSIGHT_CUDA_TRY(call) SYNSIGHT_TRY(::synsight::cuda::check_cuda((call), #call))
