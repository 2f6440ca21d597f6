// SPDX-License-Identifier: Apache-2.0
#include "tests/support/backends.h"

#include "core/backend/reference/reference_backend.h"
#include "core/backend/xnnpack/xnnpack_backend.h"
#ifdef SYNSIGHT_CUDA
#include "native/cuda/cuda_backend.h"
#endif

namespace synsight::test {

std::span<const Backend* const> all_backends() {
  static const ReferenceBackend reference;
  static const XnnpackBackend xnnpack;
#ifdef SYNSIGHT_CUDA
  // On the stand-in or a GPU, in f32: what is computed is the same but for rounding.
  static const CudaBackend cuda;
  static const Backend* const backends[] = {&reference, &xnnpack, &cuda};
#else
  static const Backend* const backends[] = {&reference, &xnnpack};
#endif
  return backends;
}

}  // namespace synsight::test
