// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/library_handles.h"

#include <array>
#include <string>
#include <string_view>

#include "core/base/text.h"

namespace synsight::cuda {

namespace {

std::string_view name_of(std::string_view call) { return call.substr(0, call.find('(')); }

/// What cuDNN says of its last failure in this thread: lines, of which the first has the reason.
std::string last_cudnn_explanation() {
  std::array<char, 1024> text{};
  cudnnGetLastErrorString(text.data(), text.size());
  text.back() = '\0';
  const std::string_view lines = text.data();
  return std::string(lines.substr(0, lines.find('\n')));
}

}  // namespace

Status check_cuda(cudnnStatus_t status, const char* call) {
  if (status == CUDNN_STATUS_SUCCESS) return {};
  ErrorCode code = ErrorCode::kDevice;
  // The other reasons between 3000 and 4000 are of the machine: its driver, its libraries.
  if ((status >= CUDNN_STATUS_NOT_SUPPORTED && status <= CUDNN_STATUS_NOT_SUPPORTED_LAYOUT) ||
      status == CUDNN_STATUS_NOT_SUPPORTED_PADDING) {
    code = ErrorCode::kUnsupportedOp;
  }
  if (status == CUDNN_STATUS_ALLOC_FAILED) code = ErrorCode::kOutOfMemory;
  std::string explanation = last_cudnn_explanation();
  if (!explanation.empty()) explanation = concat({": ", explanation});
  return fail(code, concat({name_of(call), ": ", cudnnGetErrorString(status), explanation}));
}

Status check_cuda(cublasStatus_t status, const char* call) {
  if (status == CUBLAS_STATUS_SUCCESS) return {};
  ErrorCode code = ErrorCode::kDevice;
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) code = ErrorCode::kUnsupportedOp;
  if (status == CUBLAS_STATUS_ALLOC_FAILED) code = ErrorCode::kOutOfMemory;
  return fail(code, concat({name_of(call), ": ", cublasLtGetStatusString(status)}));
}

Result<CudnnHandle> create_cudnn() {
  cudnnHandle_t handle = nullptr;
  SYNSIGHT_CUDA_TRY(cudnnCreate(&handle));
  return CudnnHandle(handle);
}

Result<CublasLtHandle> create_cublaslt() {
  cublasLtHandle_t handle = nullptr;
  SYNSIGHT_CUDA_TRY(cublasLtCreate(&handle));
  return CublasLtHandle(handle);
}

Result<Architecture> current_architecture() {
  int device = 0;
  int major = 0;
  int minor = 0;
  int num_processors = 0;
  SYNSIGHT_CUDA_TRY(cudaGetDevice(&device));
  SYNSIGHT_CUDA_TRY(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));
  SYNSIGHT_CUDA_TRY(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device));
  SYNSIGHT_CUDA_TRY(
      cudaDeviceGetAttribute(&num_processors, cudaDevAttrMultiProcessorCount, device));
  return Architecture{major * 10 + minor, num_processors};
}

}  // namespace synsight::cuda
