// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string_view>

#include "core/base/result.h"
#include "core/tensor/dtype.h"

namespace synsight::ops {

/// Calls `visitor(T{})` with the one type among Ts whose dtype is `dtype`; a kernel names those
/// types that its infer function let pass.
template <typename... Ts, typename Visitor>
void visit_element_type(DType dtype, const Visitor& visitor) {
  static_cast<void>(((dtype == dtype_of<Ts> && (visitor(Ts{}), true)) || ...));
}

/// Checks the element type of `what` ("input X"). Errors: kUnsupportedType, naming what was found
/// and wanted.
Status check_dtype(std::string_view what, DType dtype, std::initializer_list<DType> wanted);

inline constexpr std::initializer_list<DType> kFloatTypes = {DType::kFloat32, DType::kFloat64};

}  // namespace synsight::ops
