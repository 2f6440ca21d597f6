// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "core/base/checked.h"
#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

namespace {

std::string list_text(std::span<const int64_t> values) {
  std::string text = "[";
  for (const int64_t value : values) {
    text += concat({text.size() > 1 ? "," : "", value});
  }
  return text + "]";
}

tl::unexpected<Error> cannot_reshape(const Shape& input, std::span<const int64_t> wanted) {
  return fail(ErrorCode::kShapeMismatch,
              concat({"cannot reshape ", input.to_string(), " to ", list_text(wanted)}));
}

/// Replaces the -1 in `shape`, if there is one, by what `input` leaves for it.
Status fill_unknown_dim(const Shape& input, std::span<const int64_t> wanted, Shape& shape) {
  const auto unknown = std::find(shape.dims().begin(), shape.dims().end(), -1);
  size_t rest = 1;
  for (const int64_t dim : shape.dims()) {
    if (dim == -1) continue;
    const auto product = checked_mul(rest, static_cast<size_t>(dim));
    if (!product) return cannot_reshape(input, wanted);
    rest = *product;
  }
  const size_t num_elements = input.num_elements();
  if (unknown == shape.dims().end()) {
    return rest == num_elements ? Status() : cannot_reshape(input, wanted);
  }
  if (rest == 0 || num_elements % rest != 0) return cannot_reshape(input, wanted);
  shape[static_cast<size_t>(unknown - shape.dims().begin())] =
      static_cast<int64_t>(num_elements / rest);
  return {};
}

}  // namespace

/// Reshape: -1 takes what is left, 0 keeps the input's dimension unless allowzero. Source: ONNX
/// Reshape-5, Reshape-14.
Result<std::vector<ValueInfo>> infer_reshape(const Node& node, std::span<const ValueInfo> inputs) {
  const Shape& input = inputs[0].shape;
  SYNSIGHT_TRY_ASSIGN(const auto wanted, constant_ints(inputs[1].view(), "shape"));
  SYNSIGHT_TRY_ASSIGN(const int64_t allow_zero, int_attribute(node, "allowzero", 0));
  SYNSIGHT_TRY_ASSIGN(Shape shape, Shape::from_dims(wanted));
  const bool has_unknown = std::count(wanted.begin(), wanted.end(), -1) == 1;
  for (size_t axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] < -1 || (shape[axis] == -1 && !has_unknown)) {
      return fail(ErrorCode::kInvalidModel,
                  concat({"the shape ", list_text(wanted), " has a wrong dimension"}));
    }
    if (shape[axis] != 0 || allow_zero != 0) continue;
    if (axis >= input.rank()) return cannot_reshape(input, wanted);
    shape[axis] = input[axis];
  }
  SYNSIGHT_TRY(fill_unknown_dim(input, wanted, shape));
  return std::vector<ValueInfo>{{inputs[0].dtype, shape}};
}

/// Squeeze drops dimensions of 1: those named, or all. Source: ONNX Squeeze-1 (attribute),
/// Squeeze-13 (input).
Result<std::vector<ValueInfo>> infer_squeeze(const Node& node, std::span<const ValueInfo> inputs) {
  const Shape& input = inputs[0].shape;
  SYNSIGHT_TRY_ASSIGN(const auto axes, ints_argument(node, views_of(inputs), "axes", 1, 13));
  SYNSIGHT_TRY_ASSIGN(const auto named, normalize_axes(axes, input.rank()));
  Shape shape;
  for (size_t axis = 0; axis < input.rank(); ++axis) {
    const bool is_named = std::find(named.begin(), named.end(), axis) != named.end();
    if (is_named && input[axis] != 1) {
      return fail(ErrorCode::kShapeMismatch,
                  concat({"axis ", axis, " of shape ", input.to_string(), " is not 1"}));
    }
    if (is_named || (axes.empty() && input[axis] == 1)) continue;
    shape.push_back(input[axis]);
  }
  return std::vector<ValueInfo>{{inputs[0].dtype, shape}};
}

/// Unsqueeze inserts dimensions of 1 at the axes of the output that are named. Source: ONNX
/// Unsqueeze-1 (attribute), Unsqueeze-13 (input).
Result<std::vector<ValueInfo>> infer_unsqueeze(const Node& node,
                                               std::span<const ValueInfo> inputs) {
  const Shape& input = inputs[0].shape;
  SYNSIGHT_TRY_ASSIGN(const auto axes, ints_argument(node, views_of(inputs), "axes", 1, 13));
  const size_t rank = input.rank() + axes.size();
  if (rank > Shape::kMaxRank) {
    return fail(ErrorCode::kInvalidModel,
                concat({"the output would have ", rank, " dimensions, at most ", Shape::kMaxRank,
                        " are supported"}));
  }
  SYNSIGHT_TRY_ASSIGN(const auto inserted, normalize_axes(axes, rank));
  Shape shape;
  size_t next = 0;
  for (size_t axis = 0; axis < rank; ++axis) {
    const bool is_inserted = std::find(inserted.begin(), inserted.end(), axis) != inserted.end();
    shape.push_back(is_inserted ? 1 : input[next++]);
  }
  return std::vector<ValueInfo>{{inputs[0].dtype, shape}};
}

Result<std::vector<ValueInfo>> infer_identity(const Node&, std::span<const ValueInfo> inputs) {
  return std::vector<ValueInfo>{{inputs[0].dtype, inputs[0].shape}};
}

/// The kernel of all operators that keep the elements in their order.
Status run_copy(const Node&, std::span<const TensorView> inputs,
                std::span<const MutableTensorView> outputs) {
  if (outputs[0].size_bytes() > 0) {
    std::memcpy(outputs[0].data, inputs[0].data, outputs[0].size_bytes());
  }
  return {};
}

}  // namespace synsight::ops
