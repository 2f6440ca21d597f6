// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/tensor/tensor.h"

namespace synsight::test {

/// A tensor as tests write it: elements as doubles, in row-major order.
struct TestTensor {
  Shape shape;
  std::vector<double> values;
  DType dtype = DType::kFloat32;
};

/// The elements converted to the tensor's dtype.
Tensor to_tensor(const TestTensor& tensor);

/// The elements converted to doubles.
std::vector<double> to_doubles(const TensorView& view);

/// Elements of [low, high), all representable in `dtype`; the same for the same seed everywhere.
TestTensor random_tensor(const Shape& shape, uint32_t seed, double low = -1, double high = 1,
                         DType dtype = DType::kFloat32);

/// The elements 0, step, 2 * step, ... from `first` on.
TestTensor counting_tensor(const Shape& shape, double first = 0, double step = 1,
                           DType dtype = DType::kFloat32);

/// int64 numbers in one dimension, as shapes, axes and pads are given.
TestTensor integers(const std::vector<int64_t>& values);

/// The row-major position of an index of as many entries as `shape` has dimensions; nothing where
/// it is outside.
std::optional<size_t> flat_index(const Shape& shape, std::span<const int64_t> index);

/// The element at an index that is inside.
double element_at(const TestTensor& tensor, std::span<const int64_t> index);

/// The tensor whose element at each index is `element(index)`: how an oracle says what it wants.
TestTensor generate(const Shape& shape,
                    const std::function<double(std::span<const int64_t>)>& element);

/// `[0,2,1]`: where the element of that row-major index stands.
std::string position_text(const Shape& shape, size_t index);

}  // namespace synsight::test
