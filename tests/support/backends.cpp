// SPDX-License-Identifier: Apache-2.0
#include "tests/support/backends.h"

#include "core/backend/reference/reference_backend.h"
#include "core/backend/xnnpack/xnnpack_backend.h"

namespace synsight::test {

std::span<const Backend* const> all_backends() {
  static const ReferenceBackend reference;
  static const XnnpackBackend xnnpack;
  static const Backend* const backends[] = {&reference, &xnnpack};
  return backends;
}

}  // namespace synsight::test
