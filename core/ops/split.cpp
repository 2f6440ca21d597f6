// SPDX-License-Identifier: Apache-2.0
#include "core/ops/split.h"

#include <algorithm>
#include <cstring>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/kernels.h"
#include "core/ops/strided.h"

namespace synsight::ops {

namespace {

constexpr int64_t kFirstUnevenOpset = 18;  // from here on the last output may be smaller

/// `count` outputs as equal as they can be.
Result<std::vector<int64_t>> equal_sizes(const Node& node, int64_t dim, int64_t count) {
  if (node.opset < kFirstUnevenOpset && dim % count != 0) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"cannot split ", dim, " into ", count, " equal outputs"}));
  }
  const int64_t size = dim / count + (dim % count != 0);
  std::vector<int64_t> sizes;
  for (int64_t i = 0; i < count; ++i) {
    sizes.push_back(std::min(size, dim));
    dim -= sizes.back();
  }
  return sizes;
}

Status check_sizes(std::span<const int64_t> sizes, int64_t dim, size_t num_outputs) {
  if (sizes.size() != num_outputs) {
    return fail(ErrorCode::kInvalidModel, concat({"splits into ", sizes.size(), " sizes, but has ",
                                                  num_outputs, " outputs"}));
  }
  int64_t rest = dim;
  for (const int64_t size : sizes) {
    if (size < 0 || size > rest) {
      return fail(ErrorCode::kShapeMismatch, concat({"size ", size, " does not fit in the ", rest,
                                                     " that are left of ", dim}));
    }
    rest -= size;
  }
  if (rest != 0) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"the sizes leave ", rest, " of ", dim, " over"}));
  }
  return {};
}

}  // namespace

Result<SplitParams> parse_split_params(const Node& node, std::span<const TensorView> inputs) {
  SplitParams params;
  const Shape& shape = inputs[0].shape;
  SYNSIGHT_TRY_ASSIGN(const int64_t axis, int_attribute(node, "axis", 0));
  SYNSIGHT_TRY_ASSIGN(params.axis, normalize_axis(axis, shape.rank(), "axis"));
  SYNSIGHT_TRY_ASSIGN(auto sizes, ints_argument(node, inputs, "split", 1, 13));
  const auto num_outputs = static_cast<int64_t>(node.outputs.size());
  SYNSIGHT_TRY_ASSIGN(const int64_t wanted, int_attribute(node, "num_outputs", num_outputs));
  if (wanted != num_outputs) {
    return fail(ErrorCode::kInvalidModel,
                concat({"num_outputs is ", wanted, ", but it has ", num_outputs, " outputs"}));
  }
  const int64_t dim = shape[params.axis];
  if (sizes.empty()) {
    SYNSIGHT_TRY_ASSIGN(sizes, equal_sizes(node, dim, num_outputs));
  }
  SYNSIGHT_TRY(check_sizes(sizes, dim, node.outputs.size()));
  params.sizes = std::move(sizes);
  return params;
}

Result<std::vector<ValueInfo>> infer_split(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY_ASSIGN(const SplitParams params, parse_split_params(node, views_of(inputs)));
  std::vector<ValueInfo> outputs;
  for (const int64_t size : params.sizes) {
    ValueInfo output{inputs[0].dtype, inputs[0].shape};
    output.shape[params.axis] = size;
    outputs.push_back(output);
  }
  return outputs;
}

Status run_split(const Node& node, std::span<const TensorView> inputs,
                 std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const SplitParams params, parse_split_params(node, inputs));
  const size_t element_size = dtype_size(inputs[0].dtype);
  const Strides strides = row_major_strides(inputs[0].shape);
  const auto step = static_cast<size_t>(strides[params.axis]) * element_size;
  const auto* source = static_cast<const std::byte*>(inputs[0].data);
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].exists()) {
      copy_strided(outputs[i].shape, element_size, source, strides, outputs[i].data,
                   row_major_strides(outputs[i].shape));
    }
    source += static_cast<size_t>(params.sizes[i]) * step;
  }
  return {};
}

}  // namespace synsight::ops
