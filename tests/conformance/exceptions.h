// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace synsight::test {

/// Node tests of ONNX that do not pass, on any backend, and why. They are run all the same: one
/// that passes must leave the list, and so must a pattern that fits no case.
struct ConformanceException {
  std::string_view pattern;  // of the cases' names; `*` stands for any text
  std::string_view reason;
};

inline const std::vector<ConformanceException> kConformanceExceptions = {
    {"test_cast*FLOAT8*", "float8 is no element type here"},
    {"test_cast*FLOAT4E2M1*", "float4 is no element type here"},
    {"test_cast*INT4*", "4-bit integers are no element type here"},
    {"test_cast*INT2_*", "2-bit integers are no element type here"},
    {"test_cast*INT2", "2-bit integers are no element type here"},
    {"test_*quantizelinear_e4m3fn*", "float8 is no element type here"},
    {"test_*quantizelinear_e5m2", "float8 is no element type here"},
    {"test_*quantizelinear_float4e2m1", "float4 is no element type here"},
    {"test_*quantizelinear_*int4", "4-bit integers are no element type here"},
    {"test_*quantizelinear_*int2", "2-bit integers are no element type here"},
    {"test_*quantizelinear_blocked*", "a scale a block is left out: no network here needs it"},
    {"test_equal_string*", "text is no element type here"},
    {"test_*_uint64*", "arithmetic on uint64 is left out: no network needs it"},
    {"test_batchnorm_*_training_mode", "training is not supported"},
    {"test_training_dropout*", "training is not supported"},
    {"test_maxpool_with_argmax_2d_precomputed_strides", "storage_order 1 is not supported"},
    {"test_not_*d", "the case is of opset 1, the reader's oldest is 7"},
};

}  // namespace synsight::test
