// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "tests/support/exceptions.h"

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
    {"test_training_dropout*", "training is not supported"},
    {"test_maxpool_with_argmax_2d_precomputed_strides", "storage_order 1 is not supported"},
    {"test_resize_downsample_scales_*_align_corners",
     "it wants the size before rounding, ONNX Runtime and PyTorch the output's"},
    {"test_resize_tf_crop_and_resize*", "cropping is not supported"},
    {"test_not_*d", "the case is of opset 1, the reader's oldest is 7"},
};

/// Those that pass on the CPU, but are refused by a device, which has no kernel for them. One that
/// it no longer refuses must leave the list, too.
inline const std::vector<ConformanceException> kDeviceRefusals = {
    {"test_hardmax_*", kNotOfClassifiers},
    {"test_tril", kNotOfClassifiers},
    {"test_triu", kNotOfClassifiers},
    {"test_tri*_*neg*", kNotOfClassifiers},
    {"test_tri*_one_row", kNotOfClassifiers},
    {"test_tri*_*pos", kNotOfClassifiers},
    {"test_tri*_square", kNotOfClassifiers},
    {"test_cumsum_1d", kComputesInFloat32},  // this and others are of f64
    {"test_cumsum_1d_exclusive", kComputesInFloat32},
    {"test_cumsum_1d_reverse*", kComputesInFloat32},
    {"test_cumsum_2d_axis_*", kComputesInFloat32},
    {"test_cumsum_2d_negative_axis", kComputesInFloat32},
    {"test_cast*DOUBLE*", kComputesInFloat32},
    {"test_dynamicquantizelinear", kQuantizesAsItRuns},
    {"test_dynamicquantizelinear_max_adjusted", kQuantizesAsItRuns},
    {"test_dynamicquantizelinear_min_adjusted", kQuantizesAsItRuns},
    {"test_einsum_batch_diagonal", kComputesInFloat32},  // this and others are of f64
    {"test_einsum_batch_matmul", kComputesInFloat32},
    {"test_einsum_inner_prod", kComputesInFloat32},
    {"test_einsum_scalar", kComputesInFloat32},
    {"test_einsum_sum", kComputesInFloat32},
    {"test_einsum_transpose", kComputesInFloat32},
    {"test_flexattention_double*", kComputesInFloat32},
    {"test_m*_float64*", kComputesInFloat32},
    {"test_reduce_log_sum_exp_*keepdims*", kComputesInFloat32},  // of f64
    {"test_*quantizelinear_*int16", kQuantizesTo8Bits},
    {"test_add_*int16", kNotOfClassifiers},
    {"test_add_uint32", kNotOfClassifiers},
    {"test_sub_*int16", kNotOfClassifiers},
    {"test_sub_uint32", kNotOfClassifiers},
    {"test_mul_*int16", kNotOfClassifiers},
    {"test_mul_uint32", kNotOfClassifiers},
    {"test_div_*int16", kNotOfClassifiers},
    {"test_div_uint32", kNotOfClassifiers},
    {"test_mod_*int16", kNotOfClassifiers},
    {"test_mod_uint32", kNotOfClassifiers},
    {"test_max_*int16", kNotOfClassifiers},
    {"test_max_uint32", kNotOfClassifiers},
    {"test_min_*int16", kNotOfClassifiers},
    {"test_min_uint32", kNotOfClassifiers},
    {"test_pow_types_float32_uint32", kNotOfClassifiers},
    {"test_equal_*int16", kNotOfClassifiers},
    {"test_equal_*uint32", kNotOfClassifiers},
    {"test_greater_*int16*", kNotOfClassifiers},
    {"test_greater_*uint32*", kNotOfClassifiers},
    {"test_less_*int16*", kNotOfClassifiers},
    {"test_less_*uint32*", kNotOfClassifiers},
};

}  // namespace synsight::test
