// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "tests/support/graph_builder.h"
#include "tests/support/test_tensor.h"

namespace synsight::test {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// What is done after an Add; ONNX's Relu or Clip does it.
struct Bounds {
  double min = -kInfinity;
  double max = kInfinity;
};

struct Filters {
  int64_t count = 8;
  std::vector<int64_t> window = {3, 3};
  int64_t stride = 1;
  int64_t group = 1;
  bool has_bias = true;
};

/// A network that is built along with what each value is, in doubles.
class KnownNetwork {
 public:
  explicit KnownNetwork(const Bounds& bounds) : bounds_(bounds) {}

  ValueId input(const Shape& shape);
  ValueId constant_image(const Shape& shape);
  ValueId negative(ValueId x);
  /// Of the larger shape, and within the bounds.
  ValueId add(ValueId a, ValueId b);
  ValueId relu(ValueId x) { return clamp(x, {0, kInfinity}); }
  /// Padded so that a stride of 1 keeps the size.
  ValueId convolve(ValueId x, const Filters& filters = {});

  /// As the classifiers' sessions give graphs to backends.
  Graph finish(const std::vector<ValueId>& outputs);

  std::vector<TensorView> inputs() const;
  const TestTensor& at(ValueId id) const { return values_.at(id); }
  const TestTensor& at(const std::string& name) const { return values_.at(names_.at(name)); }
  /// Of the largest value of all.
  double magnitude() const;

 private:
  ValueId keep(ValueId id, TestTensor value);
  ValueId node(const std::string& op_type, const std::vector<ValueId>& operands,
               const std::vector<TestAttribute>& attributes = {});
  ValueId constant(const TestTensor& elements);
  ValueId clamp(ValueId x, const Bounds& bounds);

  Bounds bounds_;
  GraphBuilder builder_;
  uint32_t seed_ = 0;
  std::map<std::string, int> num_nodes_;
  std::map<ValueId, TestTensor> values_;
  std::map<std::string, ValueId> names_;
  std::vector<Tensor> inputs_;
};

}  // namespace synsight::test
