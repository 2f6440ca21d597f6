// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/expand_quantized.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "core/backend/reference/reference_backend.h"
#include "core/optimize/optimize.h"
#include "tests/support/backends.h"
#include "tests/support/compare.h"
#include "tests/support/conv_oracle.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/run_graph.h"

using namespace synsight;
using namespace synsight::test;

namespace {

/// Integers with what makes numbers of them: a scale and a zero point for all, or one an index
/// along an axis.
struct Quantized {
  TestTensor integers;
  std::vector<double> scales = {1};
  std::vector<double> zero_points = {0};
  size_t axis = 0;

  double at(std::span<const int64_t> index) const {
    const size_t i = scales.size() == 1 ? 0 : static_cast<size_t>(index[axis]);
    return (element_at(integers, index) - zero_points[i]) * scales[i];
  }
};

/// Scales are of few bits, so that f32 rounds nothing and halves are halves.
Quantized random_quantized(const Shape& shape, uint32_t seed, DType dtype = DType::kUInt8) {
  const double zero = dtype == DType::kUInt8 ? 120 : -10;
  return {random_tensor(shape, seed, zero - 20, zero + 21, dtype), {0.25 * seed}, {zero}};
}

constexpr double kYScale = 0.75;
constexpr double kYZero = 99;

double quantize(double value) {
  const double steps = std::nearbyint(static_cast<float>(value) / static_cast<float>(kYScale));
  return std::clamp(steps + kYZero, 0.0, 255.0);
}

/// What `value` gives at each index, quantised.
TestTensor wanted(const Shape& shape,
                  const std::function<double(std::span<const int64_t>)>& value) {
  TestTensor tensor =
      generate(shape, [&](std::span<const int64_t> index) { return quantize(value(index)); });
  tensor.dtype = DType::kUInt8;
  return tensor;
}

TestTensor vector_of(const std::vector<double>& values, DType dtype) {
  if (values.size() == 1) return {{}, values, dtype};
  return {{static_cast<int64_t>(values.size())}, values, dtype};
}

CaseInput scale_of(const Quantized& q) { return constant(vector_of(q.scales, DType::kFloat32)); }
CaseInput zero_of(const Quantized& q) {
  return constant(vector_of(q.zero_points, q.integers.dtype));
}

using Inputs = std::vector<CaseInput>;
Inputs fed_triple(const Quantized& q) { return {fed(q.integers), scale_of(q), zero_of(q)}; }
Inputs constant_triple(const Quantized& q) {
  return {constant(q.integers), scale_of(q), zero_of(q)};
}
Inputs output_pair() {
  return {constant({{}, {kYScale}}), constant({{}, {kYZero}, DType::kUInt8})};
}

Inputs join(std::initializer_list<Inputs> parts) {
  Inputs all;
  for (const Inputs& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Graph expanded(const OpNode& node) {
  Graph graph = build_graph(node, {true});
  expect(onnx::expand_quantized(graph));
  return graph;
}

/// On every backend, whether the graph is optimised or not.
void check(const OpNode& node, const TestTensor& y, double allowed = 0) {
  CAPTURE(node.op_type);
  std::vector<Tensor> tensors;
  std::vector<TensorView> views;
  for (const CaseInput& input : node.inputs) {
    if (input.kind == CaseInput::Kind::kFed) tensors.push_back(to_tensor(input.tensor));
  }
  for (const Tensor& tensor : tensors) views.push_back(tensor.view());
  for (const Backend* backend : all_backends()) {
    CAPTURE(backend->name());
    for (const bool is_optimized : {false, true}) {
      CAPTURE(is_optimized);
      if (!is_optimized && backend->uses_device()) continue;  // it lacks what folding takes out
      Graph graph = expanded(node);
      expect(validate(graph));
      if (is_optimized) expect(optimize::optimize(graph));
      const auto is_layer = [](const Node& each) { return each.name == "tested"; };
      CHECK(std::count_if(graph.nodes.begin(), graph.nodes.end(), is_layer) == 1);
      const auto outputs = run_graph(*backend, std::move(graph), views);
      if (!outputs) {
        FAIL_CHECK(outputs.error().message);
      } else {
        CHECK(mismatch((*outputs)[0].view(), y, allowed) == "");
      }
    }
  }
}

/// A matrix product, row by column, with scales a column of the weights.
struct Product {
  Quantized a = random_quantized({3, 5}, 2);
  Quantized b = {
      random_tensor({5, 4}, 3, -7, 8, DType::kInt8), {0.5, 1, 2, 0.25}, {0, 1, -2, 3}, 1};
  std::vector<double> bias = {3, -40, 0, 25};

  double sum(std::span<const int64_t> at) const {
    double sum = 0;
    for (int64_t k = 0; k < 5; ++k) {
      sum += a.at(std::vector<int64_t>{at[0], k}) * b.at(std::vector<int64_t>{k, at[1]});
    }
    return sum;
  }
  double bias_at(int64_t column) const {
    const auto i = static_cast<size_t>(column);
    return bias[i] * a.scales[0] * b.scales[i];
  }
};

}  // namespace

TEST_CASE("operators on one quantised operand compute on what it stands for") {
  const Shape shape = {2, 3, 4, 4};
  const Quantized x = random_quantized(shape, 1);
  const auto unary = [&](const char* op_type, std::vector<TestAttribute> attributes) {
    return OpNode{op_type, 13, std::move(attributes), join({fed_triple(x), output_pair()})};
  };
  check(unary("QLinearSigmoid", {}),
        wanted(shape, [&](std::span<const int64_t> i) { return 1 / (1 + std::exp(-x.at(i))); }));
  check(unary("QLinearLeakyRelu", {{"alpha", 0.125}}),
        wanted(shape,
               [&](std::span<const int64_t> i) { return x.at(i) * (x.at(i) < 0 ? 0.125 : 1); }));
  const auto mean = [&](std::span<const int64_t> i, int64_t first, int64_t side) {
    double sum = 0;
    for (int64_t row = 0; row < side; ++row) {
      for (int64_t column = 0; column < side; ++column) {
        sum += x.at(std::vector<int64_t>{i[0], i[1], first * i[2] + row, first * i[3] + column});
      }
    }
    return sum / static_cast<double>(side * side);
  };
  const TestTensor global =
      wanted({2, 3, 1, 1}, [&](std::span<const int64_t> i) { return mean(i, 0, 4); });
  check(unary("QLinearGlobalAveragePool", {{"channels_last", 0}}), global);
  check(unary("QLinearReduceMean", {{"axes", {2, 3}}, {"keepdims", 1}}), global);
  // Of nine, so that none is half a step, which an optimised graph rounds with the zero point
  // added.
  check(unary("QLinearAveragePool", {{"kernel_shape", {3, 3}}}),
        wanted({2, 3, 2, 2}, [&](std::span<const int64_t> i) { return mean(i, 1, 3); }));
  // Of the opset that its attribute says: of one axis, or of all behind it.
  for (const int opset : {12, 13}) {
    CAPTURE(opset);
    check(unary("QLinearSoftmax", {{"axis", 1}, {"opset", opset}}),
          wanted(shape, [&](std::span<const int64_t> i) {
            double sum = 0;
            for (int64_t c = 0; c < 3; ++c) {
              for (int64_t at = 0; at < 16; ++at) {
                const std::vector<int64_t> other = {i[0], c, at / 4, at % 4};
                if (opset == 12 || (other[2] == i[2] && other[3] == i[3]))
                  sum += std::exp(x.at(other));
              }
            }
            return std::exp(x.at(i)) / sum;
          }));
  }
}

TEST_CASE("operators on several quantised operands compute on what they stand for") {
  const Shape shape = {2, 3, 4};
  const Quantized a = random_quantized(shape, 1);
  const Quantized b = random_quantized(shape, 2, DType::kInt8);
  const Quantized row = random_quantized({4}, 3);
  check({"QLinearAdd", 13, {}, join({fed_triple(a), fed_triple(b), output_pair()})},
        wanted(shape, [&](std::span<const int64_t> i) { return a.at(i) + b.at(i); }));
  check({"QLinearMul", 13, {}, join({fed_triple(a), constant_triple(row), output_pair()})},
        wanted(shape, [&](std::span<const int64_t> i) { return a.at(i) * row.at(i.subspan(2)); }));
  // Zero points may be left out.
  Quantized plain = a;
  plain.zero_points = {0};
  const CaseInput y_scale = constant({{}, {kYScale}});
  TestTensor sum = generate(shape, [&](std::span<const int64_t> i) {
    return std::min(std::nearbyint(2 * plain.at(i) / kYScale), 255.0);
  });
  sum.dtype = DType::kUInt8;
  check({"QLinearAdd",
         13,
         {},
         {fed(a.integers), scale_of(a), absent(), fed(a.integers), scale_of(a), absent(), y_scale}},
        sum);

  const Quantized others[] = {a, random_quantized(shape, 4), random_quantized(shape, 5)};
  check(
      {"QLinearConcat",
       13,
       {{"axis", 1}},
       join({output_pair(), fed_triple(others[0]), fed_triple(others[1]), fed_triple(others[2])})},
      wanted({2, 9, 4}, [&](std::span<const int64_t> i) {
        const std::vector<int64_t> at = {i[0], i[1] % 3, i[2]};
        return others[static_cast<size_t>(i[1] / 3)].at(at);
      }));
  const TestTensor condition = random_tensor(shape, 6, 0, 2, DType::kBool);
  check({"QLinearWhere",
         13,
         {},
         join({{fed(condition)}, fed_triple(a), fed_triple(b), output_pair()})},
        wanted(shape, [&](std::span<const int64_t> i) {
          return element_at(condition, i) != 0 ? a.at(i) : b.at(i);
        }));
}

TEST_CASE("a MaxPool of quantised values computes on floats where its scale is positive") {
  const TestTensor x = random_tensor({1, 2, 5, 5}, 1, -3, 4);
  for (const double scale : {0.25, -0.25}) {
    for (const DType dtype : {DType::kUInt8, DType::kInt8}) {
      GraphBuilder b;
      const ValueId zero = b.initializer("zero", {{}, {7}, dtype});
      const ValueId step = b.initializer("scale", {{}, {scale}});
      ValueId y = b.node("QuantizeLinear", {b.input("x", x.shape), step, zero});
      for (const char* name : {"first", "second"}) {
        y = b.node("MaxPool", {y}, {{"kernel_shape", {2, 2}}}, name);
      }
      Graph graph = b.finish({y});
      expect(onnx::expand_quantized(graph));
      CHECK(graph.nodes.size() == (scale > 0 ? 7 : 3));
      TestTensor wanted = generate({1, 2, 3, 3}, [&](std::span<const int64_t> i) {
        double largest = -128;
        for (int64_t at = 0; at < 9; ++at) {
          const int64_t from[] = {0, i[1], i[2] + at / 3, i[3] + at % 3};
          const double steps = std::nearbyint(element_at(x, from) / scale) + 7;
          largest = std::max(largest, std::max(steps, dtype == DType::kUInt8 ? 0.0 : -128.0));
        }
        return largest;
      });
      wanted.dtype = dtype;
      const Tensor input = to_tensor(x);
      const TensorView views[] = {input.view()};
      const auto outputs = expect(run_graph(ReferenceBackend(), std::move(graph), views));
      CHECK(mismatch(outputs[0].view(), wanted, 0) == "");
    }
  }
}

TEST_CASE("QLinearConv and ConvInteger sum products of integers") {
  for (const DType dtype : {DType::kUInt8, DType::kInt8}) {
    Quantized x = random_quantized({2, 4, 6, 5}, 1, dtype);
    Quantized w = {
        random_tensor({4, 2, 3, 3}, 2, -7, 8, DType::kInt8), {0.5, 1, 0.25, 2}, {0, 0, 0, 0}};
    const std::vector<double> bias = {3, -40, 0, 25};
    const std::vector<TestAttribute> attributes = {
        {"group", 2}, {"pads", {1, 1, 1, 1}}, {"strides", {2, 1}}};
    const ConvWindow window = {{2, 1}, {1, 1}, {1, 1}, 2};
    const auto sum = [&](std::span<const int64_t> i) {
      TestTensor values = x.integers;
      for (double& value : values.values) value -= x.zero_points[0];
      TestTensor weights = generate(w.integers.shape, [&](std::span<const int64_t> at) {
        return w.at(at) / w.scales[static_cast<size_t>(at[0])];
      });
      return conv_sum(values, weights, window, i);
    };
    const Shape shape = {2, 4, 3, 5};
    check({"QLinearConv", 13, attributes,
           join({fed_triple(x),
                 constant_triple(w),
                 output_pair(),
                 {constant({{4}, bias, DType::kInt32})}})},
          wanted(shape, [&](std::span<const int64_t> i) {
            const auto m = static_cast<size_t>(i[1]);
            return (sum(i) + bias[m]) * x.scales[0] * w.scales[m];
          }));
    w.zero_points = {1, 0, -2, 3};
    TestTensor sums = generate(shape, sum);
    sums.dtype = DType::kInt32;
    check({"ConvInteger",
           13,
           attributes,
           {fed(x.integers), constant(w.integers), zero_of(x), zero_of(w)}},
          sums);
  }
}

TEST_CASE("QLinearMatMul, QGemm and MatMulInteger sum products of integers") {
  const Product p;
  const Shape shape = {3, 4};
  const auto with_bias = [&](std::span<const int64_t> i) { return p.sum(i) + p.bias_at(i[1]); };
  check({"QLinearMatMul", 13, {}, join({fed_triple(p.a), constant_triple(p.b), output_pair()})},
        wanted(shape, [&](std::span<const int64_t> i) { return p.sum(i); }));
  const Inputs operands = join({fed_triple(p.a), constant_triple(p.b)});
  const CaseInput bias = constant({{4}, p.bias, DType::kInt32});
  check({"QGemm", 13, {}, join({operands, {bias}, output_pair()})}, wanted(shape, with_bias));
  check({"QGemm", 13, {}, join({operands, {bias}})}, generate(shape, with_bias));
  check({"QGemm", 13, {{"alpha", 0.5}}, join({operands, {bias}})},
        generate(shape, [&](std::span<const int64_t> i) { return with_bias(i) / 2; }));
  Product flipped = p;
  flipped.b.integers = generate({4, 5}, [&](std::span<const int64_t> i) {
    return element_at(p.b.integers, std::vector<int64_t>{i[1], i[0]});
  });
  flipped.b.integers.dtype = DType::kInt8;
  check({"QGemm",
         13,
         {{"transB", 1}},
         join({fed_triple(p.a), constant_triple(flipped.b), {bias}, output_pair()})},
        wanted(shape, with_bias));

  Product counted = p;
  counted.a.scales = {1};
  counted.b.scales = {1, 1, 1, 1};
  TestTensor sums = generate(shape, [&](std::span<const int64_t> i) { return counted.sum(i); });
  sums.dtype = DType::kInt32;
  for (const bool is_fed : {false, true}) {
    const CaseInput weights = is_fed ? fed(p.b.integers) : constant(p.b.integers);
    const CaseInput zeros = is_fed ? fed(zero_of(p.b).tensor) : zero_of(p.b);
    check({"MatMulInteger", 13, {}, {fed(p.a.integers), weights, zero_of(p.a), zeros}}, sums);
  }
  counted.a.zero_points = {0};
  counted.b.zero_points = {0, 0, 0, 0};
  sums = generate(shape, [&](std::span<const int64_t> i) { return counted.sum(i); });
  sums.dtype = DType::kInt32;
  check({"MatMulInteger", 13, {}, {fed(p.a.integers), constant(p.b.integers)}}, sums);
  check({"MatMulIntegerToFloat",
         13,
         {},
         {fed(p.a.integers), constant(p.b.integers), scale_of(p.a), scale_of(p.b), zero_of(p.a),
          zero_of(p.b), constant({{4}, {1, 2, 3, 4}})}},
        generate(shape, [&](std::span<const int64_t> i) {
          return p.sum(i) + static_cast<double>(i[1] + 1);
        }));
}

TEST_CASE("malformed nodes are refused by name") {
  struct Case {
    OpNode node;
    std::string_view message;
  };
  const Quantized x = random_quantized({1, 2, 3, 3}, 1);
  const Quantized w = {random_tensor({2, 2, 1, 1}, 2, -7, 8, DType::kInt8), {0.5}, {0}};
  const Inputs all = join(
      {fed_triple(x), constant_triple(w), output_pair(), {constant({{2}, {1, 2}, DType::kInt32})}});
  const auto conv = [&](size_t index, const CaseInput& input) {
    Inputs inputs = all;
    inputs[index] = input;
    return OpNode{"QLinearConv", 13, {}, inputs};
  };
  const auto first = [&](size_t count) {
    return OpNode{"QLinearConv",
                  13,
                  {},
                  Inputs(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count))};
  };
  const Case cases[] = {
      {conv(1, absent()), "node \"tested\" (QLinearConv): input 1 is missing"},
      {conv(4, constant({{3}, {1, 1, 1}})),
       "node \"tested/DequantizeLinear_2\" (DequantizeLinear): scale has shape [3], wanted [] or "
       "[2], the input's dimension 0"},
      {conv(5, constant({{}, {1}, DType::kUInt8})),
       "node \"tested/DequantizeLinear_2\" (DequantizeLinear): zero point has element type uint8, "
       "wanted int8"},
      {conv(6, absent()), "node \"tested\" (QLinearConv): input 6 is missing"},
      {conv(7, constant({{}, {1}})),
       "node \"tested/QuantizeLinear\" (QuantizeLinear): output has element type float32, wanted "
       "uint8, int8, uint16, int16"},
      {conv(8, constant({{2}, {1, 2}})),
       "node \"tested/DequantizeLinear_3\" (DequantizeLinear): input has element type float32, "
       "wanted uint8, int8, uint16, int16, int32"},
      {conv(0, fed(random_tensor({1, 2, 3, 3}, 1))),
       "node \"tested/DequantizeLinear\" (DequantizeLinear): input has element type float32, "
       "wanted uint8, int8, uint16, int16, int32"},
      {first(0), "node \"tested\" (QLinearConv): input 0 is missing"},
      {first(4), "node \"tested\" (QLinearConv): input 4 is missing"},
      {first(6), "node \"tested\" (QLinearConv): input 6 is missing"},
      {{"QLinearConv", 13, {}, join({all, all})},
       "node \"tested\" (QLinearConv): has 18 inputs, wanted at most 9"},
      {{"QLinearConcat", 13, {{"axis", 1}}, {}},
       "node \"tested\" (QLinearConcat): input 0 is missing"},
      {{"QLinearConv", 13, {{"channels_last", 1}}, all},
       "node \"tested\" (QLinearConv): attribute \"channels_last\" is 1, supported is 0"},
      {{"QLinearConv", 9, {}, all},
       "node \"tested/DequantizeLinear\" (DequantizeLinear): the operator is not supported in "
       "opset 9"},
      {{"QLinearSoftmax", 13, {{"opset", 3}}, join({fed_triple(x), output_pair()})},
       "node \"tested\" (Softmax): the operator is not supported in opset 3"},
      {{"QGemm", 13, {{"transB", 0.5}}, all},
       "node \"tested\" (QGemm): attribute \"transB\" is not an integer"},
  };
  for (const Case& c : cases) {
    Graph graph = build_graph(c.node, {true});
    Status status = onnx::expand_quantized(graph);
    std::vector<Tensor> tensors;
    std::vector<TensorView> views;
    for (const CaseInput& input : c.node.inputs) {
      if (input.kind == CaseInput::Kind::kFed) tensors.push_back(to_tensor(input.tensor));
    }
    for (const Tensor& tensor : tensors) views.push_back(tensor.view());
    if (status) status = optimize::optimize(graph);
    if (status) {
      const auto outputs = run_graph(ReferenceBackend(), std::move(graph), views);
      if (!outputs) status = tl::unexpected<Error>(outputs.error());
    }
    CHECK((status ? "" : status.error().message) == c.message);
  }
}
