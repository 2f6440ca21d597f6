// SPDX-License-Identifier: Apache-2.0
#include "core/backend/kernel.h"

#include <algorithm>

namespace synsight {

namespace {

bool is_image(const Operand& operand) {
  return operand.info.shape.rank() == 4 && is_floating(operand.info.dtype);
}

Shape extend_to_rank_4(const Shape& shape) {
  Shape extended;
  for (size_t i = shape.rank(); i < 4; ++i) extended.push_back(1);
  for (const int64_t dim : shape.dims()) extended.push_back(dim);
  return extended;
}

void set_all_plain(std::span<Operand> operands) {
  for (Operand& operand : operands) operand.layout = Layout::kPlain;
}

}  // namespace

void Kernel::choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const {
  set_all_plain(inputs);
  set_all_plain(outputs);
}

void choose_channels_last(std::span<Operand> inputs, std::span<Operand> outputs) {
  for (Operand& operand : inputs) {
    operand.layout = is_image(operand) ? Layout::kChannelsLast : Layout::kPlain;
  }
  for (Operand& operand : outputs) {
    operand.layout = is_image(operand) ? Layout::kChannelsLast : Layout::kPlain;
  }
}

void choose_elementwise(std::span<Operand> inputs, std::span<Operand> outputs) {
  const bool all_images = std::all_of(outputs.begin(), outputs.end(), is_image);
  const bool any_last = std::any_of(inputs.begin(), inputs.end(), [](const Operand& operand) {
    return operand.layout == Layout::kChannelsLast;
  });
  if (!all_images || !any_last) {
    set_all_plain(inputs);
    set_all_plain(outputs);
    return;
  }
  for (Operand& operand : inputs) {
    operand.layout = Layout::kChannelsLast;
    operand.info.shape = extend_to_rank_4(operand.info.shape);
  }
  for (Operand& operand : outputs) operand.layout = Layout::kChannelsLast;
}

TensorView constant_input(const Graph& graph, const Node& node, size_t input) {
  if (!has_input(node, input)) return {};
  const Value& value = graph.value(node.inputs[input]);
  return value.is_initializer ? value.initializer.view() : TensorView{};
}

}  // namespace synsight
