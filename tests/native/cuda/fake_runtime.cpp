// SPDX-License-Identifier: Apache-2.0
#include "tests/native/cuda/fake_runtime.h"

#include <cstdlib>
#include <utility>

namespace synsight::test {

namespace {

FakeRuntime* current = nullptr;  // CUDA's functions have no context

cudaError_t answer(const char* call, cudaError_t error = cudaSuccess) {
  ++current->num_called[call];
  const auto failure = current->failures.find(call);
  if (failure != current->failures.end()) error = failure->second;
  if (error != cudaSuccess) current->last_error = error;
  return error;
}

template <typename Handle>
cudaError_t make(const char* call, const char* kind, Handle* handle, size_t size_bytes = 1,
                 size_t limit_bytes = 1) {
  const bool fits = size_bytes <= limit_bytes;
  const cudaError_t error = answer(call, fits ? cudaSuccess : cudaErrorMemoryAllocation);
  if (error != cudaSuccess) return error;
  void* const made = std::calloc(size_bytes, 1);
  current->alive[made] = kind;
  *handle = static_cast<Handle>(made);
  return cudaSuccess;
}

cudaError_t give_back(const char* call, const char* kind, void* handle) {
  const auto found = current->alive.find(handle);
  if (found == current->alive.end() || found->second != kind) {
    current->mistakes.push_back(std::string(call) + " of what is none");
    return answer(call, cudaErrorInvalidValue);
  }
  if (current->busy.contains(handle)) {
    current->mistakes.push_back(std::string(call) + " of what has work");
  }
  current->alive.erase(found);
  std::free(handle);
  return answer(call);
}

cudaError_t add_work(const char* call, cudaStream_t stream) {
  const cudaError_t error = answer(call);
  if (error == cudaSuccess) current->busy.insert(stream);
  return error;
}

}  // namespace

FakeRuntime::FakeRuntime() { current = this; }
FakeRuntime::~FakeRuntime() { current = nullptr; }

}  // namespace synsight::test

// NOLINTBEGIN(readability-identifier-naming, bugprone-reserved-identifier): the names are CUDA's.
extern "C" {

using namespace synsight::test;

// What nvcc's code for the host calls: before main() to register kernels, and to launch them.
void** __cudaRegisterFatBinary(void* /*binary*/) {
  static void* handle = nullptr;
  return &handle;
}
void __cudaRegisterFatBinaryEnd(void** /*handle*/) {}
void __cudaUnregisterFatBinary(void** /*handle*/) {}
void __cudaRegisterFunction(void** /*handle*/, const char* /*host_function*/,
                            char* /*device_function*/, const char* /*name*/, int /*num_threads*/,
                            uint3* /*thread*/, uint3* /*block*/, dim3* /*block_size*/,
                            dim3* /*grid_size*/, int* /*warp_size*/) {}
unsigned __cudaPushCallConfiguration(dim3 /*grid_size*/, dim3 /*block_size*/, size_t /*shared*/,
                                     CUstream_st* /*stream*/) {
  return 0;
}
cudaError_t __cudaPopCallConfiguration(dim3* /*grid_size*/, dim3* /*block_size*/,
                                       size_t* /*shared*/, void* /*stream*/) {
  return cudaSuccess;
}
cudaError_t __cudaGetKernel(cudaKernel_t* /*kernel*/, const void* /*function*/) {
  return cudaSuccess;
}
cudaError_t __cudaLaunchKernel(cudaKernel_t /*kernel*/, dim3 /*grid_size*/, dim3 /*block_size*/,
                               void** /*arguments*/, size_t /*shared*/, cudaStream_t /*stream*/) {
  return answer("cudaLaunchKernel");
}

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorDevicesUnavailable:
      return "CUDA-capable device(s) is/are busy or unavailable";
    case cudaErrorLaunchFailure:
      return "unspecified launch failure";
    default:
      return "another error";
  }
}

cudaError_t cudaGetLastError() { return std::exchange(current->last_error, cudaSuccess); }

cudaError_t cudaDriverGetVersion(int* version) {
  *version = current->driver_version;
  return answer("cudaDriverGetVersion");
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return answer("cudaRuntimeGetVersion");
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = static_cast<int>(current->gpus.size());
  return answer("cudaGetDeviceCount", *count == 0 ? cudaErrorNoDevice : cudaSuccess);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  const FakeGpu& gpu = current->gpus[static_cast<size_t>(device)];
  gpu.name.copy(properties->name, sizeof properties->name - 1);
  properties->major = gpu.major;
  properties->minor = gpu.minor;
  properties->totalGlobalMem = size_t{1} << 30;
  return answer("cudaGetDeviceProperties");
}

cudaError_t cudaSetDevice(int device) {
  current->device = device;
  return answer("cudaSetDevice");
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* /*attributes*/, const void* /*function*/) {
  return answer("cudaFuncGetAttributes");
}

cudaError_t cudaMemGetInfo(size_t* free_bytes, size_t* total_bytes) {
  *free_bytes = current->free_bytes;
  *total_bytes = size_t{1} << 30;
  return answer("cudaMemGetInfo");
}

cudaError_t cudaMalloc(void** data, size_t size_bytes) {
  return make("cudaMalloc", "device memory", data, size_bytes, current->free_bytes);
}
cudaError_t cudaFree(void* data) { return give_back("cudaFree", "device memory", data); }

cudaError_t cudaMallocHost(void** data, size_t size_bytes) {
  return make("cudaMallocHost", "pinned memory", data, size_bytes, current->pinnable_bytes);
}
cudaError_t cudaFreeHost(void* data) { return give_back("cudaFreeHost", "pinned memory", data); }

cudaError_t cudaEventCreate(cudaEvent_t* event) { return make("cudaEventCreate", "event", event); }
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return give_back("cudaEventDestroy", "event", event);
}
cudaError_t cudaEventRecord(cudaEvent_t /*event*/, cudaStream_t stream) {
  return add_work("cudaEventRecord", stream);
}
cudaError_t cudaEventSynchronize(cudaEvent_t /*event*/) { return answer("cudaEventSynchronize"); }
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t /*start*/, cudaEvent_t /*end*/) {
  *milliseconds = 1.5F;
  return answer("cudaEventElapsedTime");
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned /*flags*/) {
  return make("cudaStreamCreateWithFlags", "stream", stream);
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return give_back("cudaStreamDestroy", "stream", stream);
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  current->busy.erase(stream);
  return answer("cudaStreamSynchronize");
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t /*event*/, unsigned /*flags*/) {
  return add_work("cudaStreamWaitEvent", stream);
}
cudaError_t cudaMemcpyAsync(void* /*target*/, const void* /*source*/, size_t /*size_bytes*/,
                            cudaMemcpyKind /*kind*/, cudaStream_t stream) {
  return add_work("cudaMemcpyAsync", stream);
}
cudaError_t cudaMemsetAsync(void* /*target*/, int /*value*/, size_t /*size_bytes*/,
                            cudaStream_t stream) {
  return add_work("cudaMemsetAsync", stream);
}

cudaError_t cudaStreamBeginCapture(cudaStream_t /*stream*/, cudaStreamCaptureMode /*mode*/) {
  return answer("cudaStreamBeginCapture");
}
cudaError_t cudaStreamEndCapture(cudaStream_t /*stream*/, cudaGraph_t* graph) {
  return make("cudaStreamEndCapture", "graph", graph);
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return give_back("cudaGraphDestroy", "graph", graph);
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t /*graph*/,
                                 unsigned long long /*flags*/) {
  return make("cudaGraphInstantiate", "recording", executable);
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  return give_back("cudaGraphExecDestroy", "recording", executable);
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t /*executable*/, cudaStream_t stream) {
  return add_work("cudaGraphLaunch", stream);
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming, bugprone-reserved-identifier)
