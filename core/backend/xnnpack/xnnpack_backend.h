// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/backend/backend.h"

namespace synsight {

/// The CPU backend: XNNPACK's f32 operators on channels-last values, own threads, weights packed at
/// compile. What XNNPACK lacks runs by the reference kernels (`borrowed`).
class XnnpackBackend final : public Backend {
 public:
  std::string_view name() const override { return "xnnpack"; }
  std::string_view kernel_name(std::string_view op_type) const override;
  Result<std::unique_ptr<Executable>> compile(Graph&& graph,
                                              const CompileOptions& options) const override;
};

}  // namespace synsight
