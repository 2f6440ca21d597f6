// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/kernels/convolution_parts.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "native/cuda/kernels/convolution_weights.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"

namespace synsight::cuda {

namespace {

using test::expect;
using test::TestTensor;

constexpr DType kStorages[] = {DType::kFloat32, DType::kFloat16, DType::kBFloat16};

/// Elements that a type stores, in [-4, 4).
TestTensor stored(const Shape& shape, DType dtype, uint32_t seed) {
  TestTensor tensor = test::random_tensor(shape, seed, -4, 4, dtype);
  tensor.values = test::to_doubles(test::to_tensor(tensor).view());
  return tensor;
}

std::string difference(const TensorView& found, TestTensor wanted, double allowed) {
  wanted.dtype = found.dtype;
  return test::mismatch(found, wanted, allowed);
}

/// [N,C,H,W] in the order of memory.
TestTensor in_memory(const TestTensor& plain, Layout layout) {
  if (layout == Layout::kPlain) return plain;
  TestTensor turned = plain;
  turned.values = test::to_doubles(expect(to_channels_last(test::to_tensor(plain).view())).view());
  return turned;
}

/// A value that lies on the stand-in's device, where the CPU may read it.
struct OnDevice {
  Memory memory;
  TensorView view;

  explicit OnDevice(const TestTensor& tensor) : OnDevice(tensor.dtype, tensor.shape) {
    const Tensor elements = test::to_tensor(tensor);
    std::memcpy(memory.data(), elements.data(), elements.size_bytes());
  }
  OnDevice(DType dtype, const Shape& shape)
      : memory(expect(Memory::on_device(TensorView{dtype, shape, nullptr}.size_bytes()))),
        view{dtype, shape, memory.data()} {}
};

void check_padded(const Shape& input, const PaddedInput& plan) {
  Queue queue = expect(Queue::create());
  const DType dtype = plan.x.info.dtype;
  const TestTensor x = stored(input, dtype, 1);
  const OnDevice from(in_memory(x, plan.x.layout));
  const Shape& shape = plan.shape;
  const OnDevice to(plan.storage, {shape[0], shape[2], shape[3], shape[1]});
  expect(queue_padded_input(queue, plan, from.memory.data(), to.memory.data()));
  expect(queue.wait());
  TestTensor wanted = test::generate(to.view.shape, [&](std::span<const int64_t> at) {
    const int64_t index[] = {at[0], at[3], at[1] - plan.top, at[2] - plan.left};
    return test::flat_index(input, index) ? test::element_at(x, index) : 0.0;
  });
  CHECK(difference(to.view, wanted, test::tolerance(1, plan.storage, 4)) == "");
}

double clamped(double value, const Clamp& clamp) {
  return std::min(std::max(value, static_cast<double>(clamp.min)), static_cast<double>(clamp.max));
}

}  // namespace

TEST_CASE("an input gets zeros behind its channels and around its pixels") {
  const Shape input{2, 3, 5, 7};
  for (const DType storage : kStorages) {
    for (const DType from : {DType::kFloat32, storage}) {
      for (const Layout layout : {Layout::kPlain, Layout::kChannelsLast}) {
        const Operand x{{from, input}, layout};
        check_padded(input, {x, {2, 8, 5, 7}, 0, 0, storage});
        check_padded(input, {x, {2, 4, 5, 7}, 0, 0, storage});
        check_padded(input, {x, {2, 3, 6, 8}, 0, 0, storage});
        check_padded(input, {x, {2, 3, 9, 8}, 1, 1, storage});
        check_padded(input, {x, {2, 16, 7, 12}, 2, 3, storage});
      }
    }
  }
}

TEST_CASE("sums get their bias and residual, are clamped and lose the filters of zeros") {
  Queue queue = expect(Queue::create());
  const Clamp six{0, 6};
  for (const DType storage : kStorages) {
    for (const auto& [filters, channels] : {std::pair{16, 16}, {10, 16}, {8, 16}, {5, 5}}) {
      for (const auto& [has_bias, has_z] :
           {std::pair{false, false}, {false, true}, {true, false}, {true, true}}) {
        const Shape shape{2, filters, 3, 5};
        const TestTensor sums = stored({2, 3, 5, channels}, storage, 2);
        const TestTensor bias = stored({filters}, DType::kFloat32, 3);
        const TestTensor z = stored({2, 3, 5, filters}, storage, 4);
        const OnDevice from(sums);
        const OnDevice added(bias);
        const OnDevice residual(z);
        const OnDevice to(storage, {2, 3, 5, filters});
        const auto* b = reinterpret_cast<const float*>(added.memory.data());
        expect(queue_end(queue, {shape, channels, storage, six},
                         {from.memory.data(), has_bias ? b : nullptr,
                          has_z ? residual.memory.data() : nullptr, to.memory.data()}));
        expect(queue.wait());
        const TestTensor wanted = test::generate(to.view.shape, [&](std::span<const int64_t> at) {
          double sum = test::element_at(sums, at);
          if (has_bias) sum += bias.values[static_cast<size_t>(at[3])];
          if (has_z) sum += test::element_at(z, at);
          return clamped(sum, six);
        });
        CHECK(difference(to.view, wanted, test::tolerance(1, storage, 8)) == "");
      }
    }
  }
}

TEST_CASE("sums are finished where they lie") {
  Queue queue = expect(Queue::create());
  const TestTensor sums = stored({1, 2, 2, 8}, DType::kFloat16, 4);
  const OnDevice y(sums);
  expect(queue_end(queue, {{1, 8, 2, 2}, 8, DType::kFloat16, {0, 1}},
                   {.sums = y.memory.data(), .y = y.memory.data()}));
  expect(queue.wait());
  const TestTensor wanted = test::generate(y.view.shape, [&](std::span<const int64_t> at) {
    return clamped(test::element_at(sums, at), {0, 1});
  });
  CHECK(difference(y.view, wanted, 0) == "");
}

TEST_CASE("filters lie one after the other, their zeros behind them") {
  Queue queue = expect(Queue::create());
  const TestTensor weights = stored({5, 3, 2, 4}, DType::kFloat32, 5);
  const Tensor plain = test::to_tensor(weights);
  const Memory packed = expect(upload_filters_first(queue, plain.view(), 8, 4, DType::kFloat32));
  const Shape shape{8, 2, 4, 4};
  const TestTensor wanted = test::generate(shape, [&](std::span<const int64_t> at) {
    const int64_t index[] = {at[0], at[3], at[1], at[2]};
    return test::flat_index(weights.shape, index) ? test::element_at(weights, index) : 0.0;
  });
  REQUIRE(packed.size() == shape.num_elements() * sizeof(float));
  CHECK(difference({DType::kFloat32, shape, packed.data()}, wanted, 0) == "");
}

TEST_CASE("the direct kernel computes what a library has no plan for, in its layout") {
  Queue queue = expect(Queue::create());
  for (const DType storage : kStorages) {
    for (const int64_t group : {1, 2}) {
      ConvolutionSpec spec;
      spec.dtype = storage;
      spec.input = {2, 8, 6, 5};
      spec.weights = {16, 8 / group, 3, 2};
      spec.params.group = group;
      spec.params.window = {{6, 6, 3, 1, 1, 1, 1}, {5, 3, 2, 2, 1, 1, 0}};
      const Shape output{2, group == 1 ? 10 : 16, 6, 3};
      const TestTensor x = stored(spec.input, storage, 6);
      TestTensor w = stored({spec.weights[0], 3, 2, spec.weights[1]}, storage, 7);
      const TestTensor bias = stored({output[1]}, DType::kFloat32, 8);
      const OnDevice on_x(in_memory(x, Layout::kChannelsLast));
      const OnDevice on_w(w);
      const OnDevice on_bias(bias);
      const TestTensor z = stored({output[0], output[2], output[3], output[1]}, storage, 9);
      const OnDevice on_z(z);
      const OnDevice y(storage, {output[0], output[2], output[3], output[1]});
      expect(queue_direct(queue, spec, output, {0, 40},
                          {on_x.memory.data(), on_w.memory.data(),
                           reinterpret_cast<const float*>(on_bias.memory.data()),
                           on_z.memory.data(), y.memory.data()}));
      expect(queue.wait());
      const int64_t group_filters = output[1] / group;
      const TestTensor wanted = test::generate(y.view.shape, [&](std::span<const int64_t> at) {
        const int64_t m = at[3];
        double sum = bias.values[static_cast<size_t>(m)] + test::element_at(z, at);
        for (int64_t i = 0; i < 3; ++i) {
          for (int64_t j = 0; j < 2; ++j) {
            for (int64_t c = 0; c < spec.weights[1]; ++c) {
              const int64_t from[] = {at[0], m / group_filters * spec.weights[1] + c, at[1] - 1 + i,
                                      at[2] * 2 - 1 + j};
              const int64_t factor[] = {m, i, j, c};
              if (test::flat_index(spec.input, from)) {
                sum += test::element_at(x, from) * test::element_at(w, factor);
              }
            }
          }
        }
        return clamped(sum, {0, 40});
      });
      const double allowed =
          test::tolerance(1, storage, 40) + test::tolerance(50, DType::kFloat32, 200);
      CHECK(difference(y.view, wanted, allowed) == "");
    }
  }
}

}  // namespace synsight::cuda
