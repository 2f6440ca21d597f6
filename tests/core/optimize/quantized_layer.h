// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/graph_builder.h"
#include "tests/support/test_tensor.h"

namespace synsight::test {

inline constexpr double kXScale = 0.1F;
inline constexpr double kYScale = 0.01F;

enum class Bias { kNone, kIntegers, kFloats, kOtherScale, kOtherZero };

/// x -> Quantize -> Dequantize -> layer -> `clamp` -> Quantize -> Dequantize. With these scales the
/// sums are halves of steps, or quarters, so that one that is rounded shows.
struct QuantizedCase {
  std::string description;
  std::string op_type = "Conv";
  Shape x = {2, 4, 6, 7};
  Shape weight = {6, 4, 3, 3};
  std::vector<TestAttribute> attributes = {};
  int64_t group = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t pad = 0;  // before rows and columns
  int64_t pad_end = 0;
  bool is_transposed = false;
  int64_t axis = 0;  // of the output's channels in the weights
  bool has_scale_a_channel = false;
  DType weight_dtype = DType::kInt8;
  double weight_zero = 0;
  DType x_dtype = DType::kUInt8;
  DType y_dtype = DType::kUInt8;
  bool has_zero_points = true;
  std::optional<double> x_zero = {};  // where it is not 120 above the least
  Bias bias = Bias::kIntegers;
  std::string clamp = {};
  std::vector<double> bounds = {};
  bool clamps_fully = false;  // y's zero point is its least number
  int64_t opset = 13;
  double y_scale = kYScale;
  int64_t scale_axis = -1;              // where it is not `axis`
  int64_t output_dtype = 0;             // for the lack of zero points
  std::optional<float> odd_scale = {};  // of channel 1's weights
  bool returns_layer = false;
  bool reads_weight_twice = false;
  bool dequantizes_x_twice = false;
  bool reads_x_twice = false;
  bool reads_y_twice = false;
  std::string wanted = "Conv Mul ";
};

/// The graph of a case; its input is `x`, its outputs what QuantizeLinear and DequantizeLinear make
/// of the layer, and then whatever else reads.
Graph graph_of(const QuantizedCase& c);

/// The numbers that QuantizeLinear makes of x, less the zero point.
TestTensor counted_input(const QuantizedCase& c, const TestTensor& x);

/// The first output, as ONNX Runtime computes it: see the top of compute_in_integers.cpp.
TestTensor wanted_output(const QuantizedCase& c, const TestTensor& x);

}  // namespace synsight::test
