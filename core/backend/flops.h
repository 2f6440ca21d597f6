// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/backend/shape_plan.h"
#include "core/graph/graph.h"

namespace synsight {

/// The multiplications and additions of one run of a node: two for each multiply-add of Conv,
/// ConvTranspose, Gemm and MatMul; 0 for every other operator.
double count_flops(const Node& node, const ShapePlan& plan);

}  // namespace synsight
