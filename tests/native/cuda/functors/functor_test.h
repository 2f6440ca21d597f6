// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "core/tensor/tensor.h"
#include "native/cuda/element.h"
#include "native/cuda/functors/pack.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/test_tensor.h"

namespace synsight::test {

/// The types in which floating-point values are stored.
inline constexpr DType kStorages[] = {DType::kFloat32, DType::kFloat16, DType::kBFloat16};

/// Sizes around those of a pack.
inline constexpr int64_t kSizes[] = {1, 7, 8, 9, 16, 61};

/// Runs a functor for every index of its space, the last one first: none may rely on those before.
template <typename Functor>
void run_each(const Functor& functor, int64_t count) {
  for (int64_t i = count - 1; i >= 0; --i) functor(i);
}

/// Random elements in [low, high), as their dtype stores them.
inline TestTensor stored_tensor(const Shape& shape, DType dtype, uint32_t seed, double low = -4,
                                double high = 4) {
  TestTensor tensor = random_tensor(shape, seed, low, high);
  tensor.dtype = dtype;
  tensor.values = to_doubles(to_tensor(tensor).view());
  return tensor;
}

/// Elements that nobody has written: of floats NaN, of integers -1 or 255.
inline Tensor unwritten(DType dtype, const Shape& shape) {
  Tensor tensor = expect(Tensor::allocate(dtype, shape));
  std::memset(tensor.data(), 0xff, tensor.size_bytes());
  return tensor;
}

/// `size` elements and a pack behind them, which nobody may write.
inline Tensor fenced(DType dtype, int64_t size) { return unwritten(dtype, {size + cuda::kPack}); }

inline bool is_fence_whole(const Tensor& tensor, int64_t size) {
  const auto* bytes = static_cast<const unsigned char*>(tensor.data());
  const size_t begin = static_cast<size_t>(size) * dtype_size(tensor.dtype());
  return std::all_of(bytes + begin, bytes + tensor.size_bytes(),
                     [](unsigned char byte) { return byte == 0xff; });
}

inline cuda::ConstElements elements_of(const Tensor& tensor) {
  return {tensor.data(), tensor.dtype()};
}
inline cuda::Elements elements_of(Tensor& tensor) { return {tensor.data(), tensor.dtype()}; }

/// Empty where each element is within `num_roundings` of its dtype at the size of the wanted
/// elements; for values that f32 computed, which `num_f32_roundings` says, it is never less.
inline std::string difference(const Tensor& found, const TestTensor& wanted, size_t num_roundings,
                              size_t num_f32_roundings = 0) {
  const double magnitude = max_magnitude(wanted.values);
  return mismatch(found.view(), wanted,
                  tolerance(num_roundings, wanted.dtype, magnitude) +
                      tolerance(num_f32_roundings, DType::kFloat32, magnitude));
}

}  // namespace synsight::test
