// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/backend/backend.h"

namespace synsight {

/// The GPU backend: convolutions by cuDNN, products by cuBLASLt, the rest by kernels of its own, on
/// channels-last values. A network is recorded once as a CUDA graph and replayed.
class CudaBackend final : public Backend {
 public:
  std::string_view name() const override { return "cuda"; }
  bool uses_device() const override { return true; }
  Result<size_t> num_devices() const override;
  Result<std::string> describe_device(int index) const override;
  std::string_view kernel_name(std::string_view op_type) const override;
  /// Errors: kDevice where there is no GPU that can do it, in one line that says what was found and
  /// what is needed; kUnsupportedOp, kUnsupportedType.
  Result<std::unique_ptr<Executable>> compile(Graph&& graph,
                                              const CompileOptions& options) const override;
};

}  // namespace synsight
