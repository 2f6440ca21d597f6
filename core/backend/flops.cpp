// SPDX-License-Identifier: Apache-2.0
#include "core/backend/flops.h"

#include "core/graph/attributes.h"

namespace synsight {

namespace {

double product(const Shape& shape, size_t first_axis) {
  double product = 1;
  for (size_t axis = first_axis; axis < shape.rank(); ++axis) {
    product *= static_cast<double>(shape[axis]);
  }
  return product;
}

}  // namespace

double count_flops(const Node& node, const ShapePlan& plan) {
  if (!node.domain.empty()) return 0;
  const auto shape = [&](ValueId id) { return plan.values[static_cast<size_t>(id)].shape; };
  double accumulation_length = 0;
  if (node.op_type == "Conv") {
    accumulation_length = product(shape(node.inputs[1]), 1);  // [outputs, inputs / group, ...]
  } else if (node.op_type == "ConvTranspose") {
    // Each input element is spread over one filter: the weight is [inputs, outputs / group, ...].
    return 2 * product(shape(node.inputs[0]), 0) * product(shape(node.inputs[1]), 1);
  } else if (node.op_type == "Gemm") {
    const bool is_transposed = int_attribute(node, "transA", 0).value_or(0) != 0;
    accumulation_length = static_cast<double>(shape(node.inputs[0])[is_transposed ? 0 : 1]);
  } else if (node.op_type == "MatMul") {
    const Shape a = shape(node.inputs[0]);
    accumulation_length = static_cast<double>(a[a.rank() - 1]);
  } else {
    return 0;
  }
  return 2 * accumulation_length * product(shape(node.outputs[0]), 0);
}

}  // namespace synsight
