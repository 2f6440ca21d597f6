// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cassert>
#include <functional>
#include <span>
#include <vector>

#include "tests/support/test_tensor.h"

namespace synsight::test {

/// The element of `tensor` that stands at `index` of a shape to which it broadcasts.
inline double broadcast_at(const TestTensor& tensor, std::span<const int64_t> index) {
  const size_t rank = tensor.shape.rank();
  std::vector<int64_t> own(index.end() - static_cast<std::ptrdiff_t>(rank), index.end());
  for (size_t axis = 0; axis < rank; ++axis) {
    if (tensor.shape[axis] == 1) own[axis] = 0;
  }
  return element_at(tensor, own);
}

/// `element` of the inputs' elements at each index of the shape to which all of them broadcast
/// together; of the first input's element type.
inline TestTensor broadcast(const std::vector<TestTensor>& inputs,
                            const std::function<double(std::span<const double>)>& element) {
  size_t rank = 0;
  for (const TestTensor& input : inputs) rank = std::max(rank, input.shape.rank());
  Shape shape;
  for (size_t axis = 0; axis < rank; ++axis) {
    int64_t dim = 1;
    for (const TestTensor& input : inputs) {
      const size_t num_missing = rank - input.shape.rank();
      if (axis < num_missing || input.shape[axis - num_missing] == 1) continue;
      dim = input.shape[axis - num_missing];
    }
    shape.push_back(dim);
  }
  TestTensor result = generate(shape, [&](std::span<const int64_t> index) {
    std::vector<double> values;
    for (const TestTensor& input : inputs) values.push_back(broadcast_at(input, index));
    return element(values);
  });
  result.dtype = inputs[0].dtype;
  return result;
}

}  // namespace synsight::test
