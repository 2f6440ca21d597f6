// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthreadpool.h>

#include <cstddef>

#include "core/backend/xnnpack/xnn_operator.h"
#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::xnnpack {

/// Applies a node's ActivationRange in place, for XNNPACK operators that take none. Does nothing
/// for the identity.
class Clamp {
 public:
  static Result<Clamp> create(const ActivationRange& range);

  Status reshape(size_t num_elements, pthreadpool_t threads);
  Status setup(void* elements);
  Status run(pthreadpool_t threads);

 private:
  XnnOperator op_;  // null: the identity
};

}  // namespace synsight::xnnpack
