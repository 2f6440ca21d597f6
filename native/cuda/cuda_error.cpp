// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/cuda_error.h"

#include <string_view>

#include "core/base/text.h"

namespace synsight::cuda {

Status check_cuda(cudaError_t error, const char* call) {
  if (error == cudaSuccess) return {};
  cudaGetLastError();  // else the next kernel's launch would answer it once more
  const std::string_view text = call;
  return fail(error == cudaErrorMemoryAllocation ? ErrorCode::kOutOfMemory : ErrorCode::kDevice,
              concat({text.substr(0, text.find('(')), ": ", cudaGetErrorString(error),
                      " (CUDA's error ", static_cast<int>(error), ")"}));
}

}  // namespace synsight::cuda
