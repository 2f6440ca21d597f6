// SPDX-License-Identifier: Apache-2.0
#include "core/ops/pool.h"

#include <algorithm>
#include <limits>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

Result<PoolParams> parse_pool(const Node& node, const Shape& input) {
  PoolParams params;
  SYNSIGHT_TRY_ASSIGN(const auto kernel, ints_attribute(node, "kernel_shape", {}));
  if (kernel.empty()) {
    return fail(ErrorCode::kInvalidModel, "attribute \"kernel_shape\" is missing");
  }
  SYNSIGHT_TRY_ASSIGN(params.window, parse_window(node, input, kernel));
  SYNSIGHT_TRY_ASSIGN(const Shape kernel_shape, Shape::from_dims(kernel));
  SYNSIGHT_TRY(kernel_shape.checked_num_elements());
  for (const WindowAxis& axis : params.window) {
    if (axis.pad_begin >= axis.extent() || axis.pad_end >= axis.extent()) {
      return fail(ErrorCode::kUnsupportedOp,
                  concat({"pads of ", axis.pad_begin, " and ", axis.pad_end,
                          " are not smaller than the window of ", axis.extent()}));
    }
  }
  SYNSIGHT_TRY_ASSIGN(const int64_t count_include_pad, int_attribute(node, "count_include_pad", 0));
  params.count_include_pad = count_include_pad != 0;
  return params;
}

int64_t count_taps(const WindowAxis& axis, int64_t output, bool include_pad) {
  const int64_t begin = include_pad ? -axis.pad_begin : 0;
  const int64_t end = axis.input + (include_pad ? axis.pad_end : 0);
  int64_t count = 0;
  for (int64_t tap = 0; tap < axis.kernel; ++tap) {
    const int64_t position = output * axis.stride - axis.pad_begin + tap * axis.dilation;
    if (position >= begin && position < end) ++count;
  }
  return count;
}

/// Y, Indices = MaxPool(X). X: [N,C,D1,...] f32, f64, int8 or uint8, Y: [N,C,O1,...]; Indices,
/// which may be absent: int64, where in X each element of Y stands. Source: ONNX MaxPool-22.
Result<std::vector<ValueInfo>> infer_max_pool(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("input", inputs[0].dtype,
                           {DType::kFloat32, DType::kFloat64, DType::kInt8, DType::kUInt8}));
  SYNSIGHT_TRY_ASSIGN(const PoolParams params, parse_pool(node, inputs[0].shape));
  SYNSIGHT_TRY_ASSIGN(const int64_t storage_order, int_attribute(node, "storage_order", 0));
  if (storage_order != 0) {
    return fail(ErrorCode::kUnsupportedOp,
                concat({"attribute \"storage_order\" is ", storage_order, ", supported is 0"}));
  }
  const Shape shape = window_output_shape(params.window, inputs[0].shape, inputs[0].shape[1]);
  std::vector<ValueInfo> outputs(node.outputs.size(), {DType::kInt64, shape});
  outputs[0].dtype = inputs[0].dtype;
  return outputs;
}

/// Y = AveragePool(X). X: [N,C,D1,...] f32 or f64, Y: [N,C,O1,...]. Source: ONNX AveragePool-22.
Result<std::vector<ValueInfo>> infer_average_pool(const Node& node,
                                                  std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("input", inputs[0].dtype, kFloatTypes));
  SYNSIGHT_TRY_ASSIGN(const PoolParams params, parse_pool(node, inputs[0].shape));
  return std::vector<ValueInfo>{
      {inputs[0].dtype, window_output_shape(params.window, inputs[0].shape, inputs[0].shape[1])}};
}

namespace {

// Calls visit(offset in the output row, offset in the input) for every tap that reads the input for
// that row, in the order of the input's elements for each output.
template <typename Visitor>
void for_each_tap(const Window& window, int64_t plane, int64_t output_row, const Visitor& visit) {
  const RowCounts rows = count_rows(window);
  const WindowAxis& axis = window.back();
  for (int64_t tap_row = 0; tap_row < rows.taps; ++tap_row) {
    const auto row = input_row(window, output_row, tap_row);
    if (!row) continue;
    const int64_t x_row = (plane * rows.inputs + *row) * axis.input;
    for (int64_t tap = 0; tap < axis.kernel; ++tap) {
      const TapRange range = tap_range(axis, tap);
      for (int64_t o = range.begin; o < range.end; ++o) {
        visit(o, x_row + o * axis.stride + range.shift);
      }
    }
  }
}

template <typename T>
constexpr T lowest() {
  using Limits = std::numeric_limits<T>;
  return Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
}

template <typename T>
void max_pool(const Window& window, const TensorView& input, const MutableTensorView& output,
              const MutableTensorView& indices) {
  const int64_t num_rows = count_rows(window).outputs;
  const int64_t row_length = window.back().output;
  const T* x = input.as<T>().data();
  T* y = output.as<T>().data();
  int64_t* index = indices.exists() ? indices.as<int64_t>().data() : nullptr;
  for (int64_t plane = 0; plane < input.shape[0] * input.shape[1]; ++plane) {
    for (int64_t row = 0; row < num_rows; ++row, y += row_length) {
      std::fill_n(y, row_length, lowest<T>());
      if (index == nullptr) {
        for_each_tap(window, plane, row,
                     [&](int64_t o, int64_t i) { y[o] = x[i] > y[o] ? x[i] : y[o]; });
        continue;
      }
      std::fill_n(index, row_length, int64_t{-1});
      for_each_tap(window, plane, row, [&](int64_t o, int64_t i) {
        if (index[o] >= 0 && !(x[i] > y[o])) return;
        y[o] = x[i];
        index[o] = i;
      });
      index += row_length;
    }
  }
}

// The product over the leading axes of the taps that count for an output row.
int64_t count_row_taps(const PoolParams& params, int64_t output_row) {
  int64_t count = 1;
  for (size_t i = params.window.size() - 1; i-- > 0;) {
    const WindowAxis& axis = params.window[i];
    count *= count_taps(axis, output_row % axis.output, params.count_include_pad);
    output_row /= axis.output;
  }
  return count;
}

template <typename T>
void average_pool(const PoolParams& params, const TensorView& input,
                  const MutableTensorView& output) {
  const WindowAxis& axis = params.window.back();
  const int64_t num_rows = count_rows(params.window).outputs;
  const T* x = input.as<T>().data();
  T* y = output.as<T>().data();
  for (int64_t plane = 0; plane < input.shape[0] * input.shape[1]; ++plane) {
    for (int64_t row = 0; row < num_rows; ++row, y += axis.output) {
      std::fill_n(y, axis.output, T{0});
      for_each_tap(params.window, plane, row, [&](int64_t o, int64_t i) { y[o] += x[i]; });
      const int64_t row_taps = count_row_taps(params, row);
      for (int64_t o = 0; o < axis.output; ++o) {
        const int64_t count = row_taps * count_taps(axis, o, params.count_include_pad);
        if (count > 0) y[o] /= static_cast<T>(count);
      }
    }
  }
}

}  // namespace

Status run_max_pool(const Node& node, std::span<const TensorView> inputs,
                    std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const PoolParams params, parse_pool(node, inputs[0].shape));
  const MutableTensorView indices = outputs.size() > 1 ? outputs[1] : MutableTensorView{};
  visit_element_type<float, double, int8_t, uint8_t>(inputs[0].dtype, [&](auto type) {
    max_pool<decltype(type)>(params.window, inputs[0], outputs[0], indices);
  });
  return {};
}

Status run_average_pool(const Node& node, std::span<const TensorView> inputs,
                        std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const PoolParams params, parse_pool(node, inputs[0].shape));
  visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
    average_pool<decltype(type)>(params, inputs[0], outputs[0]);
  });
  return {};
}

}  // namespace synsight::ops
