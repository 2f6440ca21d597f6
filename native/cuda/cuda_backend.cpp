// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/cuda_backend.h"

#include <utility>

#include "core/base/text.h"
#include "native/cuda/device.h"
#include "native/cuda/executable.h"
#include "native/cuda/kernel_table.h"
#include "native/cuda/libraries.h"

namespace synsight {

std::string_view CudaBackend::kernel_name(std::string_view op_type) const {
  return cuda::kernel_name(op_type);
}

Result<size_t> CudaBackend::num_devices() const {
  SYNSIGHT_TRY_ASSIGN(const auto devices, cuda::list_devices());
  return devices.size();
}

Result<std::string> CudaBackend::describe_device(int index) const {
  SYNSIGHT_TRY_ASSIGN(const cuda::DeviceProperties device, cuda::use_device(index));
  SYNSIGHT_TRY_ASSIGN(const std::string driver, cuda::driver_version());
  return concat({device.name, ", compute capability ", device.compute_capability / 10, ".",
                 device.compute_capability % 10, ", ", device.total_bytes >> 20, " MiB, ", driver,
                 ", ", cuda::library_versions()});
}

Result<std::unique_ptr<Executable>> CudaBackend::compile(Graph&& graph,
                                                         const CompileOptions& options) const {
  return cuda::CudaExecutable::create(std::move(graph), options);
}

}  // namespace synsight
