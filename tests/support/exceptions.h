// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "core/tensor/dtype.h"

namespace synsight::test {

/// An operator case that a backend refuses (kUnsupportedOp or kUnsupportedType), and why. The case
/// is run all the same: a backend that no longer refuses it must leave the list.
struct Exception {
  std::string_view backend;
  std::string_view op_type;      // empty: every operator
  std::string_view description;  // the case's; empty: every case
  std::string_view reason;
};

inline constexpr std::string_view kNotOfClassifiers = "no classification network needs it";
inline constexpr std::string_view kQuantizesAsItRuns =
    "networks that are quantised for small CPUs gain nothing on a GPU";

inline const std::vector<Exception> kExceptions = {
    {"cuda", "DynamicQuantizeLinear", "", kQuantizesAsItRuns},
    {"cuda", "Hardmax", "", kNotOfClassifiers},
    {"cuda", "Trilu", "", kNotOfClassifiers},
};

/// Errors that fed elements lead to and a backend cannot tell of, as it runs on a device: it
/// answers all the same, and why that does no harm.
inline const std::vector<Exception> kUntoldErrors = {
    {"cuda", "Gather", "a fed index outside", "it takes zeros"},
    {"cuda", "GatherElements", "an element outside", "it takes a zero"},
    {"cuda", "Div", "division by zero", "it gives 0"},
    {"cuda", "ScatterND", "an index outside", "the update is left out"},
};

/// Operators that a backend computes, but not in these element types of an input or an output.
/// Those cases must be refused as well, and all others must not.
struct TypeException {
  std::string_view backend;
  std::string_view op_types;  // with a space between two
  std::vector<DType> dtypes;
  std::string_view reason;
};

inline constexpr std::string_view kComputesInFloat32 = "arithmetic is of f32 only";
inline constexpr std::string_view kQuantizesTo8Bits = "it quantises to 8 bits only";

/// Those that are computed in integers, too, of types that are often used.
inline constexpr std::string_view kOfIntegers =
    "Abs Add Clip Div Max Min Mod Mul Neg PRelu Pow Relu Sign Sub";
inline constexpr std::string_view kArithmetic =
    "AveragePool BatchNormalization Ceil Celu Conv Cos Elu Erf Exp Floor Gelu Gemm "
    "GlobalAveragePool GlobalMaxPool GroupNormalization HardSigmoid HardSwish "
    "InstanceNormalization LRN LayerNormalization LeakyRelu Log LogSoftmax MatMul Mean Mish "
    "Reciprocal Round Selu Sigmoid Sin Softmax Softplus Softsign Sqrt Sum Swish Tan "
    "Tanh ThresholdedRelu";
inline constexpr std::string_view kComparisons = "Equal Greater GreaterOrEqual Less LessOrEqual";

inline const std::vector<TypeException> kTypeExceptions = {
    {"cuda", kArithmetic, {DType::kInt8, DType::kUInt8}, kComputesInFloat32},
    {"cuda", kArithmetic, {DType::kInt16, DType::kUInt16}, kComputesInFloat32},
    {"cuda", kArithmetic, {DType::kInt32, DType::kUInt32}, kComputesInFloat32},
    {"cuda", kArithmetic, {DType::kInt64, DType::kUInt64}, kComputesInFloat32},
    {"cuda", kArithmetic, {DType::kFloat64}, kComputesInFloat32},
    {"cuda", kOfIntegers, {DType::kInt16, DType::kUInt16}, kNotOfClassifiers},
    {"cuda", kOfIntegers, {DType::kUInt32, DType::kUInt64}, kNotOfClassifiers},
    {"cuda", kOfIntegers, {DType::kFloat64}, kComputesInFloat32},
    {"cuda", kComparisons, {DType::kInt16, DType::kUInt16}, kNotOfClassifiers},
    {"cuda", kComparisons, {DType::kUInt32, DType::kUInt64}, kNotOfClassifiers},
    {"cuda", kComparisons, {DType::kFloat64}, kComputesInFloat32},
    {"cuda", "ConvTranspose Einsum Resize TopK", {DType::kFloat64}, kComputesInFloat32},
    {"cuda", "MaxPool", {DType::kFloat64}, kComputesInFloat32},
    {"cuda", "Cast CastLike", {DType::kInt16, DType::kUInt16}, kNotOfClassifiers},
    {"cuda", "Cast CastLike", {DType::kUInt32, DType::kUInt64}, kNotOfClassifiers},
    {"cuda", "Cast CastLike", {DType::kFloat64}, kNotOfClassifiers},
    {"cuda", "DequantizeLinear", {DType::kInt16, DType::kUInt16}, kQuantizesTo8Bits},
    {"cuda", "DequantizeLinear", {DType::kInt32}, kQuantizesTo8Bits},
    {"cuda", "QuantizeLinear", {DType::kInt16, DType::kUInt16}, kQuantizesTo8Bits},
};

}  // namespace synsight::test
