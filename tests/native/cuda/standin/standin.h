// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "core/base/error.h"

/// What tests may ask of the stand-in for a GPU, and do to it.
namespace synsight::cuda {

/// The bytes of device memory that are taken.
size_t standin_device_bytes();

/// What was done so far.
struct StandinCounts {
  size_t allocations = 0;  // on the device, and pinned
  size_t recordings = 0;
};
StandinCounts standin_counts();

/// Device memory beyond that cannot be had; nothing: beyond 4 GiB.
void set_standin_limit(std::optional<size_t> limit_bytes);

/// What list_devices and use_device answer instead of a device.
void set_standin_absence(std::optional<Error> absence);

/// Queues, or records, what a library does; `handle` is a queue's.
void add_standin_work(void* handle, std::function<void()> work);

/// What the stand-ins for cuDNN and cuBLASLt compute, and how often they were asked.
struct StandinLibraries {
  bool has_fused = true;  // convolutions with a bias, a residual or an activation
  bool has_bare = true;
  bool has_products = true;
  int num_prepared = 0;  // convolutions, without those whose plan was loaded
};
StandinLibraries& standin_libraries();

/// Whether work also runs before anybody waits for it, here and there as chance has it; nothing:
/// not before.
void set_standin_haste(std::optional<uint32_t> seed);

}  // namespace synsight::cuda
