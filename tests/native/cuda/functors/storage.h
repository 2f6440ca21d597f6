// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "native/cuda/functors/vector.h"
#include "native/cuda/launch.h"
#include "tests/support/compare.h"
#include "tests/support/test_tensor.h"

namespace synsight::test {

/// How far apart two neighbouring numbers of size 1 are in a storage type.
template <typename T>
inline constexpr double epsilon_of = 0;
template <>
inline constexpr double epsilon_of<float> = 0x1p-23;
template <>
inline constexpr double epsilon_of<__half> = 0x1p-10;
template <>
inline constexpr double epsilon_of<__nv_bfloat16> = 0x1p-7;

/// Calls `test(T{})` for every type in which floating-point values are stored.
template <typename Test>
void for_each_storage(const Test& test) {
  const auto run = [&](const char* storage, auto type) {
    INFO("stored as " << storage);
    test(type);
  };
  run("f32", float{});
  run("f16", __half{});
  run("bf16", __nv_bfloat16{});
}

/// Random elements of [low, high) as T rounds them; the same for the same seed.
template <typename T>
std::vector<T> random_elements(size_t count, uint32_t seed, double low = -1, double high = 1) {
  std::vector<T> elements(count);
  std::mt19937 generator(seed);
  for (T& element : elements) {
    const double fraction = static_cast<double>(generator()) * 0x1p-32;
    cuda::from_float(static_cast<float>(low + (high - low) * fraction), element);
  }
  return elements;
}

/// Elements that no kernel may leave as they are.
template <typename T>
std::vector<T> unwritten_elements(int64_t count) {
  T mark{};
  cuda::from_float(77, mark);
  return std::vector<T>(static_cast<size_t>(count), mark);
}

template <typename T>
double at(const std::vector<T>& elements, int64_t index) {
  return static_cast<double>(cuda::to_float(elements.at(static_cast<size_t>(index))));
}

/// What may lie between an element of T and its true value: `accumulation_length` roundings of f32,
/// and the one of T.
template <typename T>
double allowed_error(int64_t accumulation_length, double magnitude) {
  return tolerance(static_cast<size_t>(accumulation_length), DType::kFloat32, magnitude) +
         epsilon_of<T> / 2 * magnitude;
}

/// Checks each element against the double at its index; says where they differ most.
template <typename T>
void check_elements(const std::vector<T>& found, const std::vector<double>& wanted,
                    double allowed) {
  std::vector<double> values;
  for (const T& element : found) {
    values.push_back(static_cast<double>(cuda::to_float(element)));
  }
  const Shape shape{static_cast<int64_t>(wanted.size())};
  const TensorView view{DType::kFloat64, {static_cast<int64_t>(values.size())}, values.data()};
  const std::string difference = mismatch(view, {shape, wanted, DType::kFloat64}, allowed);
  CHECK_MESSAGE(difference.empty(), difference);
}

template <typename Functor>
void run_each(const Functor& functor, int64_t count) {
  for (int64_t i = 0; i < count; ++i) functor(i);
}

template <typename Functor>
void run_rows(const Functor& functor, int64_t count) {
  for (int64_t row = 0; row < count; ++row) functor(row, cuda::Lanes{});
}

}  // namespace synsight::test
