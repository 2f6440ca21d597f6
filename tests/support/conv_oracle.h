// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tests/support/test_tensor.h"

namespace synsight::test {

/// Attributes of ONNX's Conv, one a spatial axis; empty ones are ones, pads zeros.
struct ConvWindow {
  std::vector<int64_t> strides = {};
  std::vector<int64_t> dilations = {};
  std::vector<int64_t> pads = {};  // those at the ends are not read: they show in the output
  int64_t group = 1;
};

/// One output, [n,m,...], of a Conv without a bias, from ONNX's definition: the sum over the
/// zero-padded input. `x`: [N,C,...]; `w`: [M,C/group,...].
double conv_sum(const TestTensor& x, const TestTensor& w, const ConvWindow& window,
                std::span<const int64_t> y_index);

}  // namespace synsight::test
