// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "core/graph/attributes.h"
#include "core/ops/pad.h"
#include "core/optimize/optimize.h"
#include "core/optimize/rewrite.h"

namespace synsight::optimize {

namespace {

/// A Conv or pool that slides a window over the spatial axes of its first input.
struct WindowNode {
  std::vector<int64_t> extents;  // from the first tap to the last, an entry a spatial axis
  std::vector<int64_t> pads;     // all begins, then all ends
  double pad_value = 0;          // what padding may be made of
  bool is_pool = false;
};

std::vector<int64_t> ints_or(const Node& node, std::string_view name, size_t count,
                             int64_t fallback) {
  auto values = ints_attribute(node, name, {}).value_or(std::vector<int64_t>{});
  values.resize(count, fallback);
  return values;
}

bool has_flag(const Node& node, std::string_view name) {
  return int_attribute(node, name, 0).value_or(0) != 0;
}

std::optional<WindowNode> find_window(const Rewrite& rewrite, const Node& node) {
  const std::string auto_pad = string_attribute(node, "auto_pad", "NOTSET").value_or("");
  if (!node.domain.empty() || (auto_pad != "NOTSET" && auto_pad != "VALID")) return std::nullopt;
  WindowNode window;
  if (node.op_type == "Conv") {
    const TensorView weight = rewrite.constant(node, 1);
    if (weight.shape.rank() < 3) return std::nullopt;
    const auto kernel = weight.shape.dims().subspan(2);
    window.extents.assign(kernel.begin(), kernel.end());
  } else if (node.op_type == "AveragePool" || node.op_type == "MaxPool") {
    window.is_pool = true;
    window.extents = ints_attribute(node, "kernel_shape", {}).value_or(std::vector<int64_t>{});
    if (window.extents.empty() || window.extents.size() + 2 > Shape::kMaxRank) return std::nullopt;
  } else {
    return std::nullopt;
  }
  const size_t num_axes = window.extents.size();
  window.pads = ints_or(node, "pads", 2 * num_axes, 0);
  const auto dilations = ints_or(node, "dilations", num_axes, 1);
  for (size_t i = 0; i < num_axes; ++i) {
    window.extents[i] = (window.extents[i] - 1) * dilations[i] + 1;
  }
  const bool is_padded =
      std::any_of(window.pads.begin(), window.pads.end(), [](int64_t pad) { return pad != 0; });
  if (node.op_type == "AveragePool") {
    // A Pad's zeros count in the average, so the window's own padding must count, too.
    if (is_padded && !has_flag(node, "count_include_pad")) return std::nullopt;
  }
  if (node.op_type == "MaxPool") {
    // The indices of a second output count the Pad's elements.
    if (node.outputs.size() != 1) return std::nullopt;
    window.pad_value = -std::numeric_limits<double>::infinity();
  }
  return window;
}

/// What a Pad adds to the spatial axes; nothing where it does anything else, or fills with anything
/// else than `value`.
std::optional<std::vector<int64_t>> spatial_pads(const Rewrite& rewrite, const Node& pad,
                                                 size_t num_axes, double value) {
  Shape shape;  // of which only the rank is looked at
  for (size_t axis = 0; axis < num_axes + 2; ++axis) shape.push_back(1);
  std::vector<TensorView> inputs = {{DType::kFloat32, shape, nullptr}};
  for (size_t i = 1; i < pad.inputs.size(); ++i) {
    inputs.push_back(rewrite.constant(pad, i));
    if (pad.inputs[i] != kNoValue && !inputs[i].exists()) return std::nullopt;
  }
  const auto params = ops::parse_pad_params(pad, inputs);
  const auto fill = ops::constant_pad_value(pad, inputs);
  if (!params || params->mode != ops::PadMode::kConstant || !fill || *fill != value) {
    return std::nullopt;
  }
  std::vector<int64_t> pads;
  for (const auto& side : {params->begin, params->end}) {
    if (side[0] != 0 || side[1] != 0) return std::nullopt;
    for (size_t axis = 2; axis < num_axes + 2; ++axis) pads.push_back(side[axis]);
  }
  const bool drops = std::any_of(pads.begin(), pads.end(), [](int64_t side) { return side < 0; });
  return drops ? std::nullopt : std::optional(pads);
}

/// The window's pads with `added`; nothing where a pool's window would lie in padding alone.
std::optional<std::vector<int64_t>> joined_pads(const WindowNode& window,
                                                const std::vector<int64_t>& added) {
  constexpr int64_t kMaxPad = int64_t{1} << 30;
  const size_t num_axes = window.extents.size();
  std::vector<int64_t> pads;
  for (size_t i = 0; i < added.size(); ++i) {
    if (added[i] > kMaxPad || window.pads[i] > kMaxPad) return std::nullopt;
    pads.push_back(window.pads[i] + added[i]);
    if (window.is_pool && pads[i] >= window.extents[i % num_axes]) return std::nullopt;
  }
  return pads;
}

void fold(Rewrite& rewrite, Node& node) {
  if (node.inputs.empty()) return;
  const Node* pad = rewrite.producer(node.inputs[0]);
  if (pad == nullptr || pad->op_type != "Pad" || !pad->domain.empty()) return;
  const auto window = find_window(rewrite, node);
  if (!window) return;
  const auto added = spatial_pads(rewrite, *pad, window->extents.size(), window->pad_value);
  if (!added) return;
  auto pads = joined_pads(*window, *added);
  if (!pads) return;
  set_attribute(node, {"pads", *std::move(pads)});
  set_attribute(node, {"auto_pad", std::string("NOTSET")});
  if (node.op_type == "AveragePool") set_attribute(node, {"count_include_pad", int64_t{1}});
  rewrite.set_input(node, 0, pad->inputs[0]);
}

}  // namespace

Status fold_padding(Graph& graph) {
  Rewrite rewrite(graph);
  for (size_t i = 0; i < rewrite.num_nodes(); ++i) fold(rewrite, rewrite.node(i));
  return remove_unused(graph);
}

}  // namespace synsight::optimize
