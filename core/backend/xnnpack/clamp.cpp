// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/clamp.h"

namespace synsight::xnnpack {

Result<Clamp> Clamp::create(const ActivationRange& range) {
  Clamp clamp;
  if (range.is_identity()) return clamp;
  xnn_unary_params params;
  params.clamp.min = range.min;
  params.clamp.max = range.max;
  SYNSIGHT_TRY_ASSIGN(clamp.op_, create_operator("create clamp", xnn_create_unary_elementwise_nc,
                                                 xnn_unary_clamp, xnn_datatype_fp32,
                                                 xnn_datatype_fp32, &params, nullptr, nullptr, 0u));
  return clamp;
}

Status Clamp::reshape(size_t num_elements, pthreadpool_t threads) {
  if (!op_) return {};
  return check_xnn(xnn_reshape_unary_elementwise_nc(op_.get(), num_elements, 1, 1, 1, threads),
                   "reshape clamp");
}

Status Clamp::setup(void* elements) {
  if (!op_) return {};
  return check_xnn(xnn_setup_unary_elementwise_nc(op_.get(), elements, elements), "setup clamp");
}

Status Clamp::run(pthreadpool_t threads) {
  if (!op_) return {};
  return check_xnn(xnn_run_operator(op_.get(), threads), "run clamp");
}

}  // namespace synsight::xnnpack
