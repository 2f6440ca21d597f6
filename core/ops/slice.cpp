// SPDX-License-Identifier: Apache-2.0
#include "core/ops/slice.h"

#include <algorithm>
#include <numeric>

#include "core/base/text.h"
#include "core/ops/arguments.h"
#include "core/ops/kernels.h"
#include "core/ops/strided.h"

namespace synsight::ops {

namespace {

constexpr int64_t kFirstInputOpset = 10;

/// Slice's bounds as the model gives them.
struct Bounds {
  std::vector<int64_t> starts;
  std::vector<int64_t> ends;
  std::vector<int64_t> axes;
  std::vector<int64_t> steps;
};

Result<Bounds> read_bounds(const Node& node, std::span<const TensorView> inputs) {
  const auto read = [&](std::string_view name, size_t index) {
    return ints_argument(node, inputs, name, index, kFirstInputOpset);
  };
  SYNSIGHT_TRY_ASSIGN(auto starts, read("starts", 1));
  SYNSIGHT_TRY_ASSIGN(auto ends, read("ends", 2));
  SYNSIGHT_TRY_ASSIGN(auto axes, read("axes", 3));
  SYNSIGHT_TRY_ASSIGN(auto steps, read("steps", 4));
  const size_t count = starts.size();
  if (axes.empty()) {
    axes.resize(count);
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (steps.empty()) steps.resize(count, 1);
  if (ends.size() != count || axes.size() != count || steps.size() != count) {
    return fail(ErrorCode::kInvalidModel,
                concat({"has ", count, " starts, ", ends.size(), " ends, ", axes.size(),
                        " axes and ", steps.size(), " steps, wanted as many of each"}));
  }
  return Bounds{std::move(starts), std::move(ends), std::move(axes), std::move(steps)};
}

/// A bound that counts from the end where it is negative, within [lowest, highest].
int64_t clamp_bound(int64_t bound, int64_t dim, int64_t lowest, int64_t highest) {
  return std::clamp(bound < 0 ? bound + dim : bound, lowest, highest);
}

}  // namespace

Result<SliceParams> parse_slice_params(const Node& node, std::span<const TensorView> inputs) {
  SYNSIGHT_TRY_ASSIGN(const Bounds bounds, read_bounds(node, inputs));
  SliceParams params;
  params.shape = inputs[0].shape;
  params.steps.fill(1);
  SYNSIGHT_TRY_ASSIGN(const auto axes, normalize_axes(bounds.axes, params.shape.rank()));
  for (size_t i = 0; i < axes.size(); ++i) {
    const int64_t step = bounds.steps[i];
    if (step == 0) return fail(ErrorCode::kInvalidModel, "has a step of 0");
    const int64_t dim = params.shape[axes[i]];
    // Backwards, the start is an index and the end may lie before the first one, at -1.
    const int64_t highest = step > 0 ? dim : dim - 1;
    const int64_t start =
        clamp_bound(bounds.starts[i], dim, std::min(int64_t{0}, highest), highest);
    const int64_t end = clamp_bound(bounds.ends[i], dim, step > 0 ? 0 : -1, highest);
    const int64_t distance = step > 0 ? end - start : start - end;
    const uint64_t stride = step > 0 ? static_cast<uint64_t>(step) : -static_cast<uint64_t>(step);
    params.starts[axes[i]] = start;
    params.steps[axes[i]] = step;
    params.shape[axes[i]] =
        distance <= 0 ? 0 : 1 + static_cast<int64_t>(static_cast<uint64_t>(distance - 1) / stride);
  }
  return params;
}

Result<std::vector<ValueInfo>> infer_slice(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY_ASSIGN(const SliceParams params, parse_slice_params(node, views_of(inputs)));
  return std::vector<ValueInfo>{{inputs[0].dtype, params.shape}};
}

Status run_slice(const Node& node, std::span<const TensorView> inputs,
                 std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const SliceParams params, parse_slice_params(node, inputs));
  if (outputs[0].size_bytes() == 0) return {};
  Strides strides = row_major_strides(inputs[0].shape);
  int64_t first = 0;
  for (size_t axis = 0; axis < params.shape.rank(); ++axis) {
    first += params.starts[axis] * strides[axis];
    strides[axis] = params.shape[axis] == 1 ? 0 : strides[axis] * params.steps[axis];
  }
  const size_t element_size = dtype_size(inputs[0].dtype);
  copy_strided(
      params.shape, element_size,
      static_cast<const std::byte*>(inputs[0].data) + static_cast<size_t>(first) * element_size,
      strides, outputs[0].data, row_major_strides(params.shape));
  return {};
}

}  // namespace synsight::ops
