// SPDX-License-Identifier: Apache-2.0
#include <utility>
#include <vector>

#include "core/backend/reference/reference_backend.h"
#include "core/backend/xnnpack/xnnpack_backend.h"
#include "native/cli/command_line.h"
#ifdef SYNSIGHT_CUDA
#include "native/cuda/cuda_backend.h"
#endif

int main(int argc, char** argv) {
  const synsight::XnnpackBackend xnnpack;
  const synsight::ReferenceBackend reference;
  std::vector<const synsight::Backend*> backends = {&xnnpack, &reference};
#ifdef SYNSIGHT_CUDA
  const synsight::CudaBackend cuda;
  backends.insert(backends.begin(), &cuda);
#endif
  return synsight::cli::run_command_line(argc, argv, std::move(backends));
}
