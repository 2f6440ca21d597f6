// SPDX-License-Identifier: Apache-2.0
#include <cuda_runtime.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "core/base/memory.h"
#include "core/base/text.h"
#include "native/cuda/cuda_error.h"
#include "native/cuda/device.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

namespace {

/// The oldest driver for this toolkit. Source: NVIDIA's release notes, CUDA 13.0.
constexpr const char* kNeededDriver = "580";

/// What this file is compiled for, 900 for 9.0. Source: nvcc, which defines it.
constexpr int kArchitectures[] = {__CUDA_ARCH_LIST__};

struct Nothing {
  SYNSIGHT_HOST_DEVICE void operator()(int64_t /*index*/) const {}
};

std::string version_text(int version) { return concat({version / 1000, ".", version % 1000 / 10}); }

std::string needed_text() {
  // Within a major version the driver may be older than the toolkit.
  return concat({"the CUDA backend needs one for CUDA ", CUDART_VERSION / 1000, ".0 (",
                 kNeededDriver, " or newer)"});
}

Status check_driver() {
  int version = 0;
  // Without a driver it answers 0 and no error.
  SYNSIGHT_CUDA_TRY(cudaDriverGetVersion(&version));
  if (version == 0) {
    return fail(ErrorCode::kDevice, "no NVIDIA driver was found; " + needed_text());
  }
  if (version / 1000 < CUDART_VERSION / 1000) {
    return fail(ErrorCode::kDevice, concat({"the NVIDIA driver is one for CUDA ",
                                            version_text(version), "; ", needed_text()}));
  }
  return {};
}

Result<DeviceProperties> properties_of(int index) {
  cudaDeviceProp found = {};
  SYNSIGHT_CUDA_TRY(cudaGetDeviceProperties(&found, index));
  DeviceProperties properties;
  properties.index = index;
  properties.name = found.name;
  properties.compute_capability = found.major * 10 + found.minor;
  properties.total_bytes = found.totalGlobalMem;
  return properties;
}

std::string capability_text(int capability) {
  return concat({capability / 10, ".", capability % 10});
}

std::string describe(const DeviceProperties& device) {
  return concat({"GPU ", device.index, " (", device.name, ", compute capability ",
                 capability_text(device.compute_capability), ")"});
}

std::string architectures_text() {
  std::string text;
  for (const int architecture : kArchitectures) {
    if (!text.empty()) text += ", ";
    text += capability_text(architecture / 10);
  }
  return text;
}

/// The same as check_cuda, with the device's name before it.
Status check_on(const DeviceProperties& device, cudaError_t error, const char* call) {
  Status status = check_cuda(error, call);
  if (!status) status.error().message.insert(0, describe(device) + ": ");
  return status;
}

/// An error that gets a message of its own; else the next kernel's launch would answer it again.
bool take_error(cudaError_t error, cudaError_t expected) {
  if (error != expected) return false;
  cudaGetLastError();
  return true;
}

size_t in_mib(size_t size_bytes) { return size_bytes >> 20; }

/// What is asked for is rounded up, and what is free down.
std::string needed_memory(size_t size_bytes) {
  const size_t part = size_bytes % (size_t{1} << 20);
  return concat({"needs ", in_mib(size_bytes) + (part != 0 ? 1 : 0), " MiB of "});
}

}  // namespace

Result<std::vector<DeviceProperties>> list_devices() {
  SYNSIGHT_TRY(check_driver());
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (take_error(error, cudaErrorNoDevice) || (error == cudaSuccess && count == 0)) {
    return fail(ErrorCode::kDevice,
                "there is an NVIDIA driver, but no GPU that it can use; the CUDA backend needs "
                "one, and CUDA_VISIBLE_DEVICES must not hide it");
  }
  SYNSIGHT_TRY(check_cuda(error, "cudaGetDeviceCount"));
  std::vector<DeviceProperties> devices;
  for (int index = 0; index < count; ++index) {
    SYNSIGHT_TRY_ASSIGN(DeviceProperties properties, properties_of(index));
    devices.push_back(std::move(properties));
  }
  return devices;
}

Result<std::string> driver_version() {
  int driver = 0;
  int runtime = 0;
  SYNSIGHT_CUDA_TRY(cudaDriverGetVersion(&driver));
  SYNSIGHT_CUDA_TRY(cudaRuntimeGetVersion(&runtime));
  return concat({"driver for CUDA ", version_text(driver), ", runtime ", version_text(runtime)});
}

Result<DeviceProperties> use_device(int index) {
  SYNSIGHT_TRY_ASSIGN(std::vector<DeviceProperties> devices, list_devices());
  if (index < 0 || index >= std::ssize(devices)) {
    return fail(ErrorCode::kDevice,
                concat({"there is no GPU ", index, ", only ",
                        devices.size() > 1 ? "GPUs 0 to " : "GPU ", devices.size() - 1}));
  }
  DeviceProperties& device = devices[static_cast<size_t>(index)];
  SYNSIGHT_TRY(check_on(device, cudaSetDevice(index), "cudaSetDevice"));
  cudaFuncAttributes attributes = {};
  const cudaError_t error = cudaFuncGetAttributes(&attributes, run_each<Nothing>);
  if (take_error(error, cudaErrorNoKernelImageForDevice) ||
      take_error(error, cudaErrorInvalidDeviceFunction)) {
    return fail(ErrorCode::kDevice,
                concat({describe(device), " has an architecture that this program was not built ",
                        "for; it was built for ", architectures_text()}));
  }
  SYNSIGHT_TRY(check_on(device, error, "cudaFuncGetAttributes"));
  size_t total_bytes = 0;
  SYNSIGHT_TRY(
      check_on(device, cudaMemGetInfo(&device.free_bytes, &total_bytes), "cudaMemGetInfo"));
  return device;
}

Status reuse_device(int index) {
  SYNSIGHT_CUDA_TRY(cudaSetDevice(index));
  return {};
}

Result<Memory> Memory::on_device(size_t size_bytes) {
  Memory memory;
  void* data = nullptr;
  const cudaError_t error = cudaMalloc(&data, std::max<size_t>(size_bytes, 1));
  if (take_error(error, cudaErrorMemoryAllocation)) {
    size_t free_bytes = 0;
    size_t total_bytes = 0;
    SYNSIGHT_CUDA_TRY(cudaMemGetInfo(&free_bytes, &total_bytes));
    return fail(ErrorCode::kOutOfMemory, concat({needed_memory(size_bytes), "the GPU's memory, ",
                                                 in_mib(free_bytes), " MiB are free"}));
  }
  SYNSIGHT_TRY(check_cuda(error, "cudaMalloc"));
  memory.data_ = static_cast<std::byte*>(data);
  memory.size_bytes_ = size_bytes;
  return memory;
}

Result<Memory> Memory::pinned(size_t size_bytes) {
  Memory memory;
  void* data = nullptr;
  const cudaError_t error = cudaMallocHost(&data, std::max<size_t>(size_bytes, 1));
  if (take_error(error, cudaErrorMemoryAllocation)) {
    std::string text = needed_memory(size_bytes) + "the host's memory, pinned for the GPU";
    const double free_bytes = available_memory();
    if (std::isfinite(free_bytes)) {
      text += concat({", ", in_mib(static_cast<size_t>(free_bytes)), " MiB are free"});
    }
    return fail(ErrorCode::kOutOfMemory, text);
  }
  SYNSIGHT_TRY(check_cuda(error, "cudaMallocHost"));
  memory.data_ = static_cast<std::byte*>(data);
  memory.size_bytes_ = size_bytes;
  memory.is_pinned_ = true;
  return memory;
}

// Both wait for the device's work. There is nobody to tell of an error.
Memory::~Memory() {
  if (data_ == nullptr) return;
  if (is_pinned_) {
    cudaFreeHost(data_);
  } else {
    cudaFree(data_);
  }
}

struct Recording::Impl {
  cudaGraphExec_t graph = nullptr;
  std::vector<std::shared_ptr<const void>> kept;
  ~Impl() { cudaGraphExecDestroy(graph); }
};

Recording::Recording() = default;
Recording::Recording(Recording&&) noexcept = default;
Recording& Recording::operator=(Recording&&) noexcept = default;
Recording::~Recording() = default;

struct Event::Impl {
  cudaEvent_t event = nullptr;
  ~Impl() { cudaEventDestroy(event); }
};

Event::Event() = default;
Event::Event(Event&&) noexcept = default;
Event& Event::operator=(Event&&) noexcept = default;
Event::~Event() = default;

Result<Event> Event::create() {
  Event made;
  cudaEvent_t event = nullptr;
  SYNSIGHT_CUDA_TRY(cudaEventCreate(&event));
  made.impl_ = std::make_unique<Impl>(event);
  return made;
}

Status Event::wait() const {
  SYNSIGHT_CUDA_TRY(cudaEventSynchronize(impl_->event));
  return {};
}

Result<double> elapsed_ms(const Event& start, const Event& end) {
  float milliseconds = 0;
  SYNSIGHT_CUDA_TRY(cudaEventElapsedTime(&milliseconds, start.impl_->event, end.impl_->event));
  return milliseconds;
}

struct Queue::Impl {
  cudaStream_t stream = nullptr;
  std::optional<std::vector<std::shared_ptr<const void>>> kept;  // while it records
  ~Impl() {
    cudaStreamSynchronize(stream);
    cudaStreamDestroy(stream);
  }
};

Queue::Queue() = default;
Queue::Queue(Queue&&) noexcept = default;
Queue& Queue::operator=(Queue&&) noexcept = default;
Queue::~Queue() = default;

Result<Queue> Queue::create() {
  Queue queue;
  cudaStream_t stream = nullptr;
  SYNSIGHT_CUDA_TRY(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  queue.impl_ = std::make_unique<Impl>(stream);
  return queue;
}

Status Queue::copy_to_device(void* target, const void* source, size_t size_bytes) {
  SYNSIGHT_CUDA_TRY(
      cudaMemcpyAsync(target, source, size_bytes, cudaMemcpyHostToDevice, impl_->stream));
  return {};
}

Status Queue::copy_to_host(void* target, const void* source, size_t size_bytes) {
  SYNSIGHT_CUDA_TRY(
      cudaMemcpyAsync(target, source, size_bytes, cudaMemcpyDeviceToHost, impl_->stream));
  return {};
}

Status Queue::copy_on_device(void* target, const void* source, size_t size_bytes) {
  SYNSIGHT_CUDA_TRY(
      cudaMemcpyAsync(target, source, size_bytes, cudaMemcpyDeviceToDevice, impl_->stream));
  return {};
}

Status Queue::set_zero(void* target, size_t size_bytes) {
  SYNSIGHT_CUDA_TRY(cudaMemsetAsync(target, 0, size_bytes, impl_->stream));
  return {};
}

Status Queue::record(const Event& event) {
  SYNSIGHT_CUDA_TRY(cudaEventRecord(event.impl_->event, impl_->stream));
  return {};
}

Status Queue::wait_for(const Event& event) {
  SYNSIGHT_CUDA_TRY(cudaStreamWaitEvent(impl_->stream, event.impl_->event));
  return {};
}

Status Queue::wait() {
  SYNSIGHT_CUDA_TRY(cudaStreamSynchronize(impl_->stream));
  return {};
}

Status Queue::begin_recording() {
  SYNSIGHT_CUDA_TRY(cudaStreamBeginCapture(impl_->stream, cudaStreamCaptureModeThreadLocal));
  impl_->kept.emplace();
  return {};
}

Result<Recording> Queue::end_recording() {
  auto kept = std::exchange(impl_->kept, std::nullopt);
  cudaGraph_t graph = nullptr;
  SYNSIGHT_CUDA_TRY(cudaStreamEndCapture(impl_->stream, &graph));
  cudaGraphExec_t executable = nullptr;
  const cudaError_t error = cudaGraphInstantiate(&executable, graph, 0);
  cudaGraphDestroy(graph);
  SYNSIGHT_TRY(check_cuda(error, "cudaGraphInstantiate"));
  Recording recording;
  recording.impl_ = std::make_unique<Recording::Impl>(executable, *std::move(kept));
  return recording;
}

Status Queue::replay(const Recording& recording) {
  SYNSIGHT_CUDA_TRY(cudaGraphLaunch(recording.impl_->graph, impl_->stream));
  return {};
}

void Queue::keep(std::shared_ptr<const void> needed) {
  if (impl_->kept) impl_->kept->push_back(std::move(needed));
}

void* Queue::handle() const { return impl_->stream; }

}  // namespace synsight::cuda
