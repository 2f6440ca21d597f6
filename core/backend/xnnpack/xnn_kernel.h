// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthreadpool.h>

#include <memory>
#include <span>
#include <vector>

#include "core/backend/kernel.h"
#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::xnnpack {

/// A kernel that computes on the threads of its executable.
class XnnKernel : public Kernel {
 public:
  /// To be called once, before `reshape`; null: one thread.
  void set_threads(pthreadpool_t threads) { threads_ = threads; }

  /// Default: every operand is f32 and has elements.
  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override;

 protected:
  pthreadpool_t threads() const { return threads_; }

 private:
  pthreadpool_t threads_ = nullptr;
};

/// Makes a node's own kernel and packs its constants.
using MakeKernel = Result<std::unique_ptr<XnnKernel>> (*)(const Compilation& compilation,
                                                          const Node& node);

/// Dimensions as XNNPACK takes them.
inline std::vector<size_t> to_sizes(const Shape& shape) {
  return {shape.dims().begin(), shape.dims().end()};
}

}  // namespace synsight::xnnpack
