// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"

/// What the backend needs of a GPU, as far as it is not a library's. There are two of it:
/// device.cu is CUDA, and the tests' stand-in runs on the CPU, late and with checks.
namespace synsight::cuda {

/// One GPU.
struct DeviceProperties {
  int index = 0;
  std::string name;
  int compute_capability = 0;  // 90 for 9.0
  size_t total_bytes = 0;
  size_t free_bytes = 0;
};

/// The machine's GPUs. Errors: kDevice in one line with what was found and what is needed: no
/// driver, one too old, no GPU.
Result<std::vector<DeviceProperties>> list_devices();

/// The driver's and the runtime's version: `driver for CUDA 13.0, runtime 13.0`. Errors: kDevice.
Result<std::string> driver_version();

/// Makes that GPU the calling thread's. Errors: kDevice where there is none of that index, or where
/// this program has no code for its architecture.
Result<DeviceProperties> use_device(int index);

/// The same for one that was in use before: cheap, for every call that may come on another thread.
Status reuse_device(int index);

/// Memory that is given back at its end of life, when the device has no more work for it.
class Memory {
 public:
  /// On the device; any bytes. Errors: kOutOfMemory with what was asked and what is free.
  static Result<Memory> on_device(size_t size_bytes);
  /// On the host, where the device can reach it while the CPU goes on. Errors: kOutOfMemory.
  static Result<Memory> pinned(size_t size_bytes);

  Memory() = default;
  Memory(Memory&& other) noexcept { *this = std::move(other); }
  Memory& operator=(Memory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_bytes_, other.size_bytes_);
    std::swap(is_pinned_, other.is_pinned_);
    return *this;
  }
  ~Memory();

  std::byte* data() const { return data_; }
  size_t size() const { return size_bytes_; }

 private:
  std::byte* data_ = nullptr;
  size_t size_bytes_ = 0;
  bool is_pinned_ = false;
};

/// Work in the order in which a program replays it: a CUDA graph. It ends when none of it is under
/// way.
class Recording {
 public:
  Recording();
  Recording(Recording&&) noexcept;
  Recording& operator=(Recording&&) noexcept;
  ~Recording();

 private:
  friend class Queue;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A point in a queue's work.
class Event {
 public:
  /// Errors: kDevice.
  static Result<Event> create();
  Event();
  Event(Event&&) noexcept;
  Event& operator=(Event&&) noexcept;
  ~Event();

  /// Blocks until the work before it has run. Errors: kDevice.
  Status wait() const;

 private:
  friend class Queue;
  friend Result<double> elapsed_ms(const Event& start, const Event& end);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The time between two points that have been reached. Errors: kDevice.
Result<double> elapsed_ms(const Event& start, const Event& end);

/// Work that the device does in order, beside other queues': a CUDA stream.
class Queue {
 public:
  /// Errors: kDevice.
  static Result<Queue> create();
  Queue();
  Queue(Queue&&) noexcept;
  Queue& operator=(Queue&&) noexcept;
  /// Waits for its work.
  ~Queue();

  /// Each of these queues work and returns. The memory must live until it has run; host memory must
  /// be pinned. Errors: kDevice.
  Status copy_to_device(void* target, const void* source, size_t size_bytes);
  Status copy_to_host(void* target, const void* source, size_t size_bytes);
  Status copy_on_device(void* target, const void* source, size_t size_bytes);
  Status set_zero(void* target, size_t size_bytes);
  Status record(const Event& event);
  /// Later work of this queue runs after what another queue recorded.
  Status wait_for(const Event& event);

  /// Blocks until all of it has run. Errors: kDevice.
  Status wait();

  /// What is queued between the two is not run but recorded. Errors: kDevice.
  Status begin_recording();
  Result<Recording> end_recording();
  Status replay(const Recording& recording);
  /// While it records: the recording keeps alive what its work needs. Else it does nothing.
  void keep(std::shared_ptr<const void> needed);

  /// For the libraries: a cudaStream_t.
  void* handle() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace synsight::cuda
