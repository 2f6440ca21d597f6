// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "native/cuda/device.h"
#include "native/cuda/host_device.h"

#ifdef __CUDACC__
#include <cuda_runtime.h>

#include <algorithm>

#include "native/cuda/cuda_error.h"
#else
#include <functional>
#endif

/// A kernel is a functor; here it is started, for every index of its space. Compiled for a device
/// it runs there. Compiled as plain C++, as the tests do with the same sources, it runs on the CPU.
namespace synsight::cuda {

/// How many neighbouring lanes share a row.
inline constexpr int kRowLanes = 32;

/// The lanes that compute one row together: each takes every `count`-th element from its `index`
/// on, and they join what they found. All lanes of a row must get to each joining.
struct Lanes {
  int index = 0;
  int count = 1;

  SYNSIGHT_HOST_DEVICE float sum(float value) const {
#ifdef __CUDA_ARCH__
    for (int step = kRowLanes / 2; step > 0; step /= 2) {
      value += __shfl_xor_sync(0xffffffffU, value, step);
    }
#endif
    return value;
  }

  SYNSIGHT_HOST_DEVICE float max(float value) const {
#ifdef __CUDA_ARCH__
    for (int step = kRowLanes / 2; step > 0; step /= 2) {
      value = fmaxf(value, __shfl_xor_sync(0xffffffffU, value, step));
    }
#endif
    return value;
  }

  /// Which of the lanes' findings precedes the others; one below 0 is none.
  template <typename Precedes>
  SYNSIGHT_HOST_DEVICE int64_t first(int64_t found,
                                     [[maybe_unused]] const Precedes& precedes) const {
#ifdef __CUDA_ARCH__
    for (int step = kRowLanes / 2; step > 0; step /= 2) {
      const int64_t other = __shfl_xor_sync(0xffffffffU, found, step);
      if (other >= 0 && (found < 0 || precedes(other, found))) found = other;
    }
#endif
    return found;
  }
};

#ifdef __CUDACC__

inline constexpr int kThreadsPerBlock = 256;
inline constexpr int64_t kMaxBlocks = 65535;  // an index space may be larger: each thread goes on

template <typename Functor>
__global__ void run_each(Functor functor, int64_t count) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count;
       i += step) {
    functor(i);
  }
}

template <typename Functor>
__global__ void run_rows(Functor functor, int64_t num_rows) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x / kRowLanes;
  const int64_t first = (static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x) / kRowLanes;
  const Lanes lanes{static_cast<int>(threadIdx.x % kRowLanes), kRowLanes};
  for (int64_t row = first; row < num_rows; row += step) functor(row, lanes);
}

/// Queues functor(i) for every i in [0, count). Errors: kDevice.
template <typename Functor>
Status launch(Queue& queue, const Functor& functor, int64_t count) {
  if (count <= 0) return {};
  const int64_t blocks = std::min((count + kThreadsPerBlock - 1) / kThreadsPerBlock, kMaxBlocks);
  run_each<<<static_cast<unsigned>(blocks), kThreadsPerBlock, 0,
             static_cast<cudaStream_t>(queue.handle())>>>(functor, count);
  return check_cuda(cudaGetLastError(), "a kernel's launch");
}

/// Queues functor(row, lanes) for every row in [0, num_rows), its lanes side by side. Errors:
/// kDevice.
template <typename Functor>
Status launch_rows(Queue& queue, const Functor& functor, int64_t num_rows) {
  if (num_rows <= 0) return {};
  constexpr int64_t kRowsPerBlock = kThreadsPerBlock / kRowLanes;
  const int64_t blocks = std::min((num_rows + kRowsPerBlock - 1) / kRowsPerBlock, kMaxBlocks);
  run_rows<<<static_cast<unsigned>(blocks), kThreadsPerBlock, 0,
             static_cast<cudaStream_t>(queue.handle())>>>(functor, num_rows);
  return check_cuda(cudaGetLastError(), "a kernel's launch");
}

#else

/// Queues, or records, what a kernel does. The tests' stand-in has it.
Status add_work(Queue& queue, std::function<void()> work);

template <typename Functor>
Status launch(Queue& queue, const Functor& functor, int64_t count) {
  return add_work(queue, [functor, count] {
    for (int64_t i = 0; i < count; ++i) functor(i);
  });
}

template <typename Functor>
Status launch_rows(Queue& queue, const Functor& functor, int64_t num_rows) {
  return add_work(queue, [functor, num_rows] {
    for (int64_t row = 0; row < num_rows; ++row) functor(row, Lanes{});
  });
}

#endif

}  // namespace synsight::cuda
