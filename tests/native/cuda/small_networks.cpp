// SPDX-License-Identifier: Apache-2.0
#include "tests/native/cuda/small_networks.h"

#include <cmath>

#include "tests/support/graph_builder.h"

namespace synsight::test {

namespace {

constexpr int64_t kClasses = 10;

/// Layers, each with weights of its own.
class Layers {
 public:
  explicit Layers(const Shape& input) : value_(builder_.input("picture", input)) {}

  ValueId at() const { return value_; }
  void go_to(ValueId value) { value_ = value; }
  GraphBuilder& builder() { return builder_; }

  /// Random elements that keep a sum of `num_products` products near the size of its factors.
  ValueId weights(const Shape& shape, int64_t num_products) {
    const double size = std::sqrt(3.0 / static_cast<double>(num_products));
    return initializer(random_tensor(shape, seed_ + 1, -size, size));
  }
  ValueId numbers(const Shape& shape, double low, double high) {
    return initializer(random_tensor(shape, seed_ + 1, low, high));
  }

  ValueId apply(const std::string& op_type, const std::vector<ValueId>& more = {},
                const std::vector<TestAttribute>& attributes = {}) {
    std::vector<ValueId> inputs = {value_};
    inputs.insert(inputs.end(), more.begin(), more.end());
    return value_ = builder_.node(op_type, inputs, attributes);
  }

  ValueId convolve(int64_t channels, int64_t filters, int kernel, int stride = 1,
                   int64_t group = 1) {
    const int pad = kernel / 2;
    const int64_t depth = channels / group;
    return apply("Conv",
                 {weights({filters, depth, kernel, kernel}, depth * kernel * kernel),
                  numbers({filters}, -0.2, 0.2)},
                 {{"kernel_shape", {kernel, kernel}},
                  {"pads", {pad, pad, pad, pad}},
                  {"strides", {stride, stride}},
                  {"group", group}});
  }
  ValueId normalize(int64_t channels) {
    return apply("BatchNormalization", {numbers({channels}, 0.5, 1.5), numbers({channels}, -1, 1),
                                        numbers({channels}, -1, 1), numbers({channels}, 0.5, 1.5)});
  }

  Graph finish(int64_t features) {
    apply("Gemm", {weights({kClasses, features}, features), numbers({kClasses}, -1, 1)},
          {{"transB", 1}});
    return builder_.finish({value_});
  }

 private:
  ValueId initializer(const TestTensor& tensor) {
    return builder_.initializer("w" + std::to_string(++seed_), tensor);
  }

  GraphBuilder builder_{14};
  uint32_t seed_ = 0;
  ValueId value_;
};

Graph mobile_network() {
  Layers layers({-1, 3, 15, 17});
  layers.convolve(3, 8, 3, 2);
  layers.normalize(8);
  layers.apply("HardSwish");
  layers.convolve(8, 8, 5, 1, 8);
  const ValueId trunk = layers.apply("Relu");
  layers.apply("GlobalAveragePool");
  layers.convolve(8, 4, 1);
  layers.apply("Relu");
  layers.convolve(4, 8, 1);
  const ValueId gate = layers.apply("Sigmoid");
  layers.go_to(trunk);
  layers.apply("Mul", {gate});
  layers.convolve(8, 16, 1);
  layers.apply("GlobalAveragePool");
  layers.apply("Flatten", {}, {{"axis", 1}});
  return layers.finish(16);
}

Graph branching_network() {
  Layers layers({-1, 3, 12, 12});
  const ValueId stem = layers.convolve(3, 6, 3);
  const std::vector<TestAttribute> window = {
      {"kernel_shape", {3, 3}}, {"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}};
  const ValueId pooled = layers.apply("MaxPool", {}, window);
  layers.go_to(stem);
  layers.apply("AveragePool", {}, window);
  const ValueId averaged = layers.convolve(6, 5, 1);
  layers.go_to(stem);
  const ValueId grouped = layers.convolve(6, 4, 3, 2, 2);
  layers.go_to(layers.builder().node("Concat", {pooled, averaged, grouped}, {{"axis", 1}}));
  layers.apply("LeakyRelu", {}, {{"alpha", 0.1}});
  layers.apply("Transpose", {}, {{"perm", {0, 2, 3, 1}}});
  layers.apply("ReduceMean", {}, {{"axes", {1, 2}}, {"keepdims", 0}});
  return layers.finish(15);
}

Graph attention_network() {
  Layers layers({-1, 3, 8, 8});
  layers.convolve(3, 12, 1, 2);
  layers.apply("Reshape",
               {layers.builder().initializer("tokens", {{3}, {0, 12, 16}, DType::kInt64})});
  const ValueId tokens = layers.apply("Transpose", {}, {{"perm", {0, 2, 1}}});
  const ValueId queries = layers.apply("MatMul", {layers.weights({12, 12}, 12)});
  layers.go_to(tokens);
  const ValueId keys = layers.apply("Transpose", {}, {{"perm", {0, 2, 1}}});
  layers.go_to(queries);
  layers.apply("MatMul", {keys});
  layers.apply("Softmax", {}, {{"axis", -1}});
  layers.apply("MatMul", {tokens});
  layers.apply("Add", {tokens});
  layers.apply("Erf");
  layers.apply("ReduceMean", {}, {{"axes", {1}}, {"keepdims", 0}});
  return layers.finish(12);
}

}  // namespace

Shape with_batch(Shape shape, int64_t batch) {
  shape[0] = batch;
  return shape;
}

Graph residual_network() {
  Layers layers({-1, 3, 16, 16});
  layers.convolve(3, 8, 3);
  layers.normalize(8);
  const ValueId shortcut = layers.apply("Relu");
  layers.convolve(8, 8, 3);
  layers.apply("Add", {shortcut});
  layers.apply("Relu");
  layers.convolve(8, 16, 3, 2);
  layers.apply("GlobalAveragePool");
  layers.apply("Flatten", {}, {{"axis", 1}});
  return layers.finish(16);
}

Graph sizeless_network() {
  Layers layers({-1, 3, -1, -1});
  layers.convolve(3, 8, 3, 2);
  layers.apply("Relu");
  layers.apply("GlobalAveragePool");
  layers.apply("Flatten", {}, {{"axis", 1}});
  return layers.finish(8);
}

std::vector<SmallNetwork> small_networks() {
  return {{"residual", residual_network, {1, 3, 16, 16}},
          {"mobile", mobile_network, {1, 3, 15, 17}},
          {"branching", branching_network, {1, 3, 12, 12}},
          {"attention", attention_network, {1, 3, 8, 8}},
          {"sizeless", sizeless_network, {1, 3, 13, 10}}};
}

}  // namespace synsight::test
