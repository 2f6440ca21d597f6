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

inline const std::vector<Exception> kExceptions = {
    {"cuda", "ConvTranspose", "", kNotOfClassifiers},
    {"cuda", "GatherElements", "", kNotOfClassifiers},
    {"cuda", "GatherND", "", kNotOfClassifiers},
    {"cuda", "TopK", "", kNotOfClassifiers},
    {"cuda", "Clip", "both, fed", "bounds are constants of the kernel"},
    {"cuda", "Dropout", "a mask, opset 10", kNotOfClassifiers},
    {"cuda", "Dropout", "a mask of floats, opset 7", kNotOfClassifiers},
    {"cuda", "Dropout", "no training, opset 13", kNotOfClassifiers},
    {"cuda", "Gather", "fed indices", "an index outside could not be told while it runs"},
    {"cuda", "Gather", "a fed index outside", "the same"},
};

/// Element types of which a backend computes some operators only; it may refuse the others.
struct TypeException {
  std::string_view backend;
  DType dtype;
  std::string_view reason;
};

inline constexpr std::string_view kComputesInFloat32 = "arithmetic is of f32 only";

inline const std::vector<TypeException> kTypeExceptions = {
    {"cuda", DType::kFloat64, kComputesInFloat32}, {"cuda", DType::kInt8, kComputesInFloat32},
    {"cuda", DType::kUInt8, kComputesInFloat32},   {"cuda", DType::kInt16, kComputesInFloat32},
    {"cuda", DType::kUInt16, kComputesInFloat32},  {"cuda", DType::kInt32, kComputesInFloat32},
    {"cuda", DType::kUInt32, kComputesInFloat32},  {"cuda", DType::kInt64, kComputesInFloat32},
    {"cuda", DType::kUInt64, kComputesInFloat32},
};

}  // namespace synsight::test
