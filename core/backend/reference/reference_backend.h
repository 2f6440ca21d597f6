// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "core/backend/backend.h"

namespace synsight {

/// Runs every operator of the table by its reference kernel: plain loops on one thread, in NCHW,
/// never optimised. The oracle for the other backends.
class ReferenceBackend final : public Backend {
 public:
  std::string_view name() const override { return "reference"; }
  std::string_view kernel_name(std::string_view op_type) const override;
  /// Keeps the initializers as they are. Errors: kUnsupportedOp, kInvalidModel.
  Result<std::unique_ptr<Executable>> compile(Graph&& graph,
                                              const CompileOptions& options) const override;
};

}  // namespace synsight
