// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_tensor.h"

#include <cassert>
#include <cmath>
#include <random>

#include "core/tensor/convert.h"
#include "tests/support/expect.h"

namespace synsight::test {

Tensor to_tensor(const TestTensor& tensor) {
  assert(tensor.values.size() == tensor.shape.num_elements());
  return expect(convert({DType::kFloat64, tensor.shape, tensor.values.data()}, tensor.dtype));
}

std::vector<double> to_doubles(const TensorView& view) {
  std::vector<double> values(view.shape.num_elements());
  convert_elements(view, {DType::kFloat64, view.shape, values.data()});
  return values;
}

TestTensor random_tensor(const Shape& shape, uint32_t seed, double low, double high, DType dtype) {
  TestTensor tensor{shape, std::vector<double>(shape.num_elements()), dtype};
  std::mt19937 generator(seed);
  const bool is_float = dtype == DType::kFloat32 || dtype == DType::kFloat64;
  for (double& value : tensor.values) {
    const double fraction = static_cast<double>(generator()) * 0x1p-32;
    value = low + (high - low) * fraction;
    value = is_float ? static_cast<double>(static_cast<float>(value)) : std::floor(value);
  }
  return tensor;
}

TestTensor counting_tensor(const Shape& shape, double first, double step, DType dtype) {
  TestTensor tensor{shape, std::vector<double>(shape.num_elements()), dtype};
  for (size_t i = 0; i < tensor.values.size(); ++i) {
    tensor.values[i] = first + step * static_cast<double>(i);
  }
  return tensor;
}

namespace {

Shape unflatten(const Shape& shape, size_t position) {
  Shape index = shape;
  for (size_t axis = shape.rank(); axis-- > 0;) {
    const auto dim = static_cast<size_t>(shape[axis]);
    index[axis] = static_cast<int64_t>(position % dim);
    position /= dim;
  }
  return index;
}

}  // namespace

TestTensor integers(const std::vector<int64_t>& values) {
  const std::vector<double> elements(values.begin(), values.end());
  return {{static_cast<int64_t>(elements.size())}, elements, DType::kInt64};
}

std::optional<size_t> flat_index(const Shape& shape, std::span<const int64_t> index) {
  assert(index.size() == shape.rank());
  size_t position = 0;
  for (size_t axis = 0; axis < shape.rank(); ++axis) {
    if (index[axis] < 0 || index[axis] >= shape[axis]) return std::nullopt;
    position = position * static_cast<size_t>(shape[axis]) + static_cast<size_t>(index[axis]);
  }
  return position;
}

double element_at(const TestTensor& tensor, std::span<const int64_t> index) {
  const auto position = flat_index(tensor.shape, index);
  assert(position.has_value());
  return tensor.values[*position];
}

TestTensor generate(const Shape& shape,
                    const std::function<double(std::span<const int64_t>)>& element) {
  TestTensor tensor{shape, {}};
  for (size_t i = 0; i < shape.num_elements(); ++i) {
    tensor.values.push_back(element(unflatten(shape, i).dims()));
  }
  return tensor;
}

std::string position_text(const Shape& shape, size_t index) {
  return unflatten(shape, index).to_string();
}

}  // namespace synsight::test
