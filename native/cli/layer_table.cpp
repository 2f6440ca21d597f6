// SPDX-License-Identifier: Apache-2.0
#include "native/cli/layer_table.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <span>
#include <sstream>
#include <string_view>
#include <utility>

#include "core/backend/shape_plan.h"
#include "core/base/text.h"
#include "core/optimize/optimize.h"
#include "native/cli/layers.h"

namespace synsight::cli {

namespace {

bool reads_only_constants(const Node& node, const std::vector<bool>& is_constant) {
  return std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) {
    return id == kNoValue || is_constant[static_cast<size_t>(id)];
  });
}

// By ValueId: what needs no input. The plan knows the elements of most, but not of large ones that
// nodes compute.
std::vector<bool> find_constants(const Graph& graph, const ShapePlan& plan) {
  std::vector<bool> is_constant;
  for (const ops::ValueInfo& info : plan.values) is_constant.push_back(info.is_known());
  for (const Node& node : graph.nodes) {
    if (!reads_only_constants(node, is_constant)) continue;
    for (const ValueId id : node.outputs) {
      if (id != kNoValue) is_constant[static_cast<size_t>(id)] = true;
    }
  }
  return is_constant;
}

// Counts each constant once, for the first node that asks.
class ParameterCounter {
 public:
  ParameterCounter(const ShapePlan& plan, const std::vector<bool>& is_constant)
      : plan_(plan), is_constant_(is_constant), is_counted_(plan.values.size(), false) {}

  ParameterCount count(const Node& node) {
    ParameterCount sum;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const size_t num_elements = take(node.inputs[i]);
      const bool is_statistic = node.op_type == "BatchNormalization" && i >= 3;
      (is_statistic ? sum.non_trainable : sum.trainable) += num_elements;
    }
    return sum;
  }

 private:
  size_t take(ValueId id) {
    if (id == kNoValue) return 0;
    const auto index = static_cast<size_t>(id);
    const ops::ValueInfo& info = plan_.values[index];
    const bool is_parameter =
        is_constant_[index] && is_floating(info.dtype) && info.shape.rank() > 0;
    if (!is_parameter || is_counted_[index]) return 0;
    is_counted_[index] = true;
    return info.shape.num_elements();
  }

  const ShapePlan& plan_;
  const std::vector<bool>& is_constant_;
  std::vector<bool> is_counted_;  // by ValueId
};

// The dimensions that two plans agree on; the others follow the batch.
LayerShape common_shape(const Shape& shape, const Shape& other) {
  LayerShape common;
  for (size_t axis = 0; axis < shape.rank(); ++axis) {
    const bool is_same = other.rank() == shape.rank() && other[axis] == shape[axis];
    common.push_back(is_same ? std::optional(shape[axis]) : std::nullopt);
  }
  return common;
}

std::vector<Shape> shapes_of(const ShapePlan& plan) {
  std::vector<Shape> shapes;
  for (const ops::ValueInfo& info : plan.values) shapes.push_back(info.shape);
  return shapes;
}

// Every value's shape for larger inputs, as far as the model leaves them open and the network
// allows it: one picture more and, with `sides_are_open`, twice any other dimension, so that no
// stride hides the difference.
std::vector<Shape> larger_shapes(const Graph& graph, const ShapePlan& plan, bool sides_are_open) {
  std::vector<Shape> inputs;
  for (const ValueId id : graph.inputs) {
    Shape shape = plan.values[static_cast<size_t>(id)].shape;
    const Shape& declared = graph.value(id).shape;
    for (size_t axis = 0; axis < declared.rank(); ++axis) {
      if (declared[axis] >= 0) continue;
      if (axis == 0) {
        ++shape[axis];
      } else if (sides_are_open && !(axis == 1 && has_open_channels(declared))) {
        shape[axis] *= 2;
      }
    }
    inputs.push_back(shape);
  }
  if (const auto larger = plan_shapes(graph, inputs)) return shapes_of(*larger);
  return sides_are_open ? larger_shapes(graph, plan, false) : shapes_of(plan);
}

// The layers of one graph, as they are found.
class LayerList {
 public:
  LayerList(const Graph& graph, const ShapePlan& plan, const std::vector<Shape>& larger)
      : graph_(graph),
        plan_(plan),
        larger_(larger),
        is_keras_(has_keras_layers(graph)),
        is_constant_(find_constants(graph, plan)),
        parameters_(plan, is_constant_),
        ends_(find_layer_ends(graph)),
        by_end_(graph.nodes.size(), kNone),
        by_value_(graph.values.size(), kNone) {}

  void add_input(ValueId id) {
    by_value_[static_cast<size_t>(id)] = layers_.size();
    layers_.push_back({graph_.value(id).name, "Input", shape_of(id), {}, {}, {}});
  }

  void add_node(size_t index) {
    const Node& node = graph_.nodes[index];
    if (plan_.is_settled[index] || reads_only_constants(node, is_constant_)) return;
    size_t& place = by_end_[ends_[index]];
    if (place == kNone) {
      place = layers_.size();
      layers_.push_back({graph_.nodes[ends_[index]].name, node.op_type, {}, {}, {}, {}});
    }
    Layer& layer = layers_[place];
    const ParameterCount parameters = parameters_.count(node);
    if (parameters.total() > 0 && layer.parameters.total() == 0) layer.type = node.op_type;
    layer.parameters.trainable += parameters.trainable;
    layer.parameters.non_trainable += parameters.non_trainable;
    for (const ValueId id : node.inputs) {
      const size_t source = id == kNoValue ? kNone : by_value_[static_cast<size_t>(id)];
      const bool is_new =
          std::find(layer.inputs.begin(), layer.inputs.end(), source) == layer.inputs.end();
      if (source != kNone && source != place && is_new) layer.inputs.push_back(source);
    }
    for (const ValueId id : node.outputs) {
      if (id != kNoValue) by_value_[static_cast<size_t>(id)] = place;
    }
    if (!node.outputs.empty() && node.outputs[0] != kNoValue) {
      layer.output_shape = shape_of(node.outputs[0]);
    }
  }

  std::vector<Layer> take() {
    for (Layer& layer : layers_) {
      for (const size_t input : layer.inputs) {
        layer.input_shapes.push_back(layers_[input].output_shape);
      }
    }
    return std::move(layers_);
  }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  LayerShape shape_of(ValueId id) const {
    const auto index = static_cast<size_t>(id);
    LayerShape shape = common_shape(plan_.values[index].shape, larger_[index]);
    // Keras has the channels last.
    if (is_keras_ && shape.size() == 4)
      std::rotate(shape.begin() + 1, shape.begin() + 2, shape.end());
    return shape;
  }

  const Graph& graph_;
  const ShapePlan& plan_;
  const std::vector<Shape>& larger_;
  const bool is_keras_;
  const std::vector<bool> is_constant_;
  ParameterCounter parameters_;
  const std::vector<size_t> ends_;
  std::vector<size_t> by_end_;    // the layer, by the index of its last node
  std::vector<size_t> by_value_;  // the layer that gives it, by ValueId
  std::vector<Layer> layers_;
};

/// One line of `synsight.keras_layers`: what Keras's summary says of a layer.
struct KerasRow {
  std::string name;
  std::string type;
  ParameterCount parameters;
};

std::optional<KerasRow> parse_keras_row(const std::string& line) {
  std::istringstream cells(line);
  KerasRow row;
  std::string trainable;
  std::string others;
  std::getline(cells, row.name, '\t');
  std::getline(cells, row.type, '\t');
  std::getline(cells, trainable, '\t');
  std::getline(cells, others);
  const auto parse = [](const std::string& text, size_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
  };
  const bool is_good =
      parse(trainable, row.parameters.trainable) && parse(others, row.parameters.non_trainable);
  return is_good ? std::optional(row) : std::nullopt;
}

// The layers in the order, with the classes and the counts that the model's metadata say. As they
// are where it says nothing, or of other layers than the graph has.
std::vector<Layer> as_keras_lists(const Graph& graph, std::vector<Layer> layers) {
  const auto said = graph.metadata.find("synsight.keras_layers");
  if (!has_keras_layers(graph) || said == graph.metadata.end()) return layers;
  std::map<std::string_view, size_t> places;  // in `layers`
  for (size_t i = 0; i < layers.size(); ++i) places.emplace(layers[i].name, i);
  std::map<size_t, size_t> new_places;  // by the place in `layers`
  std::vector<Layer> listed;
  std::istringstream lines(said->second);
  for (std::string line; std::getline(lines, line);) {
    const std::optional<KerasRow> row = parse_keras_row(line);
    if (!row) return layers;
    const auto place = places.find(row->name);
    if (place == places.end() || !new_places.emplace(place->second, listed.size()).second) {
      return layers;
    }
    Layer layer = layers[place->second];
    layer.type = row->type;
    layer.parameters = row->parameters;
    listed.push_back(std::move(layer));
  }
  if (listed.empty()) return layers;
  for (Layer& layer : listed) {
    std::vector<size_t> inputs;
    for (const size_t input : layer.inputs) {
      const auto place = new_places.find(input);
      if (place != new_places.end()) inputs.push_back(place->second);
    }
    layer.inputs = std::move(inputs);
  }
  return listed;
}

Result<std::vector<Layer>> list_layers_for(const Graph& graph, std::span<const Shape> input_shapes,
                                           bool sides_are_open) {
  SYNSIGHT_TRY_ASSIGN(const ShapePlan plan, plan_shapes(graph, input_shapes));
  const std::vector<Shape> larger = larger_shapes(graph, plan, sides_are_open);
  LayerList layers(graph, plan, larger);
  for (const ValueId id : graph.inputs) layers.add_input(id);
  for (size_t i = 0; i < graph.nodes.size(); ++i) layers.add_node(i);
  return as_keras_lists(graph, layers.take());
}

// No operator knows the shapes of other floats. Without the Casts that a run has around it.
Status declare_float32(Graph& graph) {
  for (const auto& ids : {graph.inputs, graph.outputs}) {
    for (const ValueId id : ids) {
      Value& value = graph.value(id);
      if (is_floating(value.dtype) && !value.is_initializer) value.dtype = DType::kFloat32;
    }
  }
  return optimize::compute_in_float32(graph);
}

}  // namespace

std::string shape_text(const LayerShape& shape) {
  std::string text = "(";
  for (const auto& dim : shape) {
    text += concat({text.size() > 1 ? ", " : "", dim ? std::to_string(*dim) : std::string("None")});
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

Result<std::vector<Layer>> list_layers(Graph graph, const FeedOptions& options) {
  SYNSIGHT_TRY(declare_float32(graph));
  const auto shapes = choose_input_shapes(graph, options);
  if (shapes) return list_layers_for(graph, *shapes, false);
  if (const auto typical = default_input_shapes(graph)) {
    if (auto layers = list_layers_for(graph, *typical, true)) return layers;
  }
  return tl::unexpected(shapes.error());
}

}  // namespace synsight::cli
