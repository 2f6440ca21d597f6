// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/xnnpack_backend.h"

#include <utility>

#include "core/backend/xnnpack/executable.h"
#include "core/backend/xnnpack/kernel_table.h"

namespace synsight {

std::string_view XnnpackBackend::kernel_name(std::string_view op_type) const {
  return xnnpack::kernel_name(op_type);
}

Result<std::unique_ptr<Executable>> XnnpackBackend::compile(Graph&& graph,
                                                            const CompileOptions& options) const {
  return xnnpack::XnnExecutable::create(std::move(graph), options);
}

}  // namespace synsight
