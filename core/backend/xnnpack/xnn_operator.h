// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthreadpool.h>
#include <xnnpack.h>

#include <memory>
#include <string_view>

#include "core/base/result.h"

namespace synsight::xnnpack {

struct DeleteOperator {
  void operator()(xnn_operator_t op) const { xnn_delete_operator(op); }
};

/// An owned XNNPACK operator with its packed weights.
using XnnOperator = std::unique_ptr<xnn_operator, DeleteOperator>;

/// Turns XNNPACK's answer into a Status; `what` names the call. Errors: kOutOfMemory,
/// kUnsupportedOp, kInternal.
Status check_xnn(xnn_status status, std::string_view what);

/// Calls an `xnn_create_...` function with `args` and owns what it makes.
template <typename Create, typename... Args>
Result<XnnOperator> create_operator(std::string_view what, Create create, Args... args) {
  xnn_operator_t op = nullptr;
  SYNSIGHT_TRY(check_xnn(create(args..., &op), what));
  return XnnOperator(op);
}

}  // namespace synsight::xnnpack
