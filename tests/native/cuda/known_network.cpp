// SPDX-License-Identifier: Apache-2.0
#include "tests/native/cuda/known_network.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "core/optimize/optimize.h"
#include "tests/support/compare.h"
#include "tests/support/conv_oracle.h"
#include "tests/support/expect.h"

namespace synsight::test {

namespace {

double broadcast(const TestTensor& tensor, std::span<const int64_t> index) {
  std::vector<int64_t> own(index.begin(), index.end());
  for (size_t axis = 0; axis < own.size(); ++axis) {
    if (tensor.shape[axis] == 1) own[axis] = 0;
  }
  return element_at(tensor, own);
}

}  // namespace

ValueId KnownNetwork::input(const Shape& shape) {
  const std::string name = "input" + std::to_string(++num_nodes_["input"]);
  const TestTensor elements = random_tensor(shape, ++seed_);
  inputs_.push_back(to_tensor(elements));
  return keep(builder_.input(name, shape), elements);
}

ValueId KnownNetwork::constant_image(const Shape& shape) {
  const TestTensor elements = random_tensor(shape, ++seed_);
  return keep(constant(elements), elements);
}

ValueId KnownNetwork::negative(ValueId x) {
  TestTensor y = at(x);
  for (double& value : y.values) value = -value;
  return keep(node("Neg", {x}), std::move(y));
}

ValueId KnownNetwork::add(ValueId a, ValueId b) {
  const TestTensor& first = at(a);
  const TestTensor& second = at(b);
  const bool is_first = first.shape.num_elements() >= second.shape.num_elements();
  TestTensor y = generate((is_first ? first : second).shape, [&](auto index) {
    return broadcast(first, index) + broadcast(second, index);
  });
  return clamp(keep(node("Add", {a, b}), std::move(y)), bounds_);
}

ValueId KnownNetwork::convolve(ValueId x, const Filters& filters) {
  const Shape input = at(x).shape;
  Shape shape = {filters.count, input[1] / filters.group};
  Shape output = {input[0], filters.count};
  ConvWindow window = {.strides = std::vector<int64_t>(filters.window.size(), filters.stride),
                       .group = filters.group};
  for (size_t i = 0; i < filters.window.size(); ++i) {
    shape.push_back(filters.window[i]);
    window.pads.push_back(filters.window[i] / 2);
    output.push_back((input[2 + i] - 1) / filters.stride + 1);
  }
  window.pads.insert(window.pads.end(), window.pads.begin(), window.pads.end());
  // Sums of products stay near 1.
  const double size =
      std::sqrt(3.0 * static_cast<double>(shape[0]) / static_cast<double>(shape.num_elements()));
  const TestTensor weights = random_tensor(shape, ++seed_, -size, size);
  const TestTensor bias = random_tensor({filters.count}, ++seed_);
  std::vector<ValueId> operands = {x, constant(weights)};
  if (filters.has_bias) operands.push_back(constant(bias));
  TestTensor y = generate(output, [&](auto index) {
    const double sum = conv_sum(at(x), weights, window, index);
    return filters.has_bias ? sum + bias.values[static_cast<size_t>(index[1])] : sum;
  });
  return keep(node("Conv", operands,
                   {{"pads", window.pads}, {"strides", window.strides}, {"group", window.group}}),
              std::move(y));
}

Graph KnownNetwork::finish(const std::vector<ValueId>& outputs) {
  Graph graph = builder_.finish(outputs);
  for (const auto& [id, value] : values_) names_[graph.value(id).name] = id;
  expect(optimize::optimize(graph));
  return graph;
}

std::vector<TensorView> KnownNetwork::inputs() const {
  std::vector<TensorView> views;
  for (const Tensor& tensor : inputs_) views.push_back(tensor.view());
  return views;
}

double KnownNetwork::magnitude() const {
  double largest = 0;
  for (const auto& [id, value] : values_) {
    largest = std::max(largest, max_magnitude(value.values));
  }
  return largest;
}

ValueId KnownNetwork::keep(ValueId id, TestTensor value) {
  values_[id] = std::move(value);
  return id;
}

ValueId KnownNetwork::node(const std::string& op_type, const std::vector<ValueId>& operands,
                           const std::vector<TestAttribute>& attributes) {
  return builder_.node(op_type, operands, attributes,
                       op_type + std::to_string(++num_nodes_[op_type]));
}

ValueId KnownNetwork::constant(const TestTensor& elements) {
  return builder_.initializer("c" + std::to_string(seed_), elements);
}

ValueId KnownNetwork::clamp(ValueId x, const Bounds& bounds) {
  if (bounds.min == -kInfinity) return x;
  TestTensor y = at(x);
  for (double& value : y.values) value = std::min(std::max(value, bounds.min), bounds.max);
  if (bounds.max == kInfinity) return keep(node("Relu", {x}), std::move(y));
  const ValueId low = builder_.initializer("low" + std::to_string(++seed_), {{}, {bounds.min}});
  const ValueId high = builder_.initializer("high" + std::to_string(seed_), {{}, {bounds.max}});
  return keep(node("Clip", {x, low, high}), std::move(y));
}

}  // namespace synsight::test
