// SPDX-License-Identifier: Apache-2.0
// Included before each operator's source. Some operators pick their kernels by element type in one
// switch, through which the float32 ones would pull in the kernels of every type; here the other
// types' tables are absent, as are upstream's plain loops for every type, and creating such an
// operator fails.
#pragma once
#include "xnnpack/config.h"

#define xnn_init_f16_abs_config() NULL
#define xnn_init_f16_clamp_config() NULL
#define xnn_init_f16_elu_config() NULL
#define xnn_init_f16_f32acc_rdsum_config() NULL
#define xnn_init_f16_f32acc_rsum_config() NULL
#define xnn_init_f16_hswish_config() NULL
#define xnn_init_f16_lrelu_config() NULL
#define xnn_init_f16_neg_config() NULL
#define xnn_init_f16_rminmax_config() NULL
#define xnn_init_f16_rndd_config() NULL
#define xnn_init_f16_rndne_config() NULL
#define xnn_init_f16_rndu_config() NULL
#define xnn_init_f16_rsqrt_config() NULL
#define xnn_init_f16_sigmoid_config() NULL
#define xnn_init_f16_sqr_config() NULL
#define xnn_init_f16_sqrt_config() NULL
#define xnn_init_f16_tanh_config() NULL
#define xnn_init_f16_to_f32_cvt_config() NULL
#define xnn_init_f16_to_qs8_cvt_config() NULL
#define xnn_init_f16_vadd_config() NULL
#define xnn_init_f16_vdiv_config() NULL
#define xnn_init_f16_vmax_config() NULL
#define xnn_init_f16_vmin_config() NULL
#define xnn_init_f16_vmul_config() NULL
#define xnn_init_f16_vprelu_config() NULL
#define xnn_init_f16_vsqrdiff_config() NULL
#define xnn_init_f16_vsub_config() NULL
#define xnn_init_f32_to_f16_cvt_config() NULL
#define xnn_init_f32_to_qp8_cvt_config() NULL
#define xnn_init_f32_to_qs8_cvt_config() NULL
#define xnn_init_f32_to_qu8_cvt_config() NULL
#define xnn_init_qp8_f32_qc4w_gemm_config() NULL
#define xnn_init_qs8_cvt_config() NULL
#define xnn_init_qs8_lrelu_config() NULL
#define xnn_init_qs8_rdsum_config() NULL
#define xnn_init_qs8_rsum_config() NULL
#define xnn_init_qs8_to_f16_cvt_config() NULL
#define xnn_init_qs8_to_f32_cvt_config() NULL
#define xnn_init_qs8_vadd_config() NULL
#define xnn_init_qs8_vmul_config() NULL
#define xnn_init_qu8_cvt_config() NULL
#define xnn_init_qu8_lrelu_config() NULL
#define xnn_init_qu8_rdsum_config() NULL
#define xnn_init_qu8_rsum_config() NULL
#define xnn_init_qu8_to_f32_cvt_config() NULL
#define xnn_init_qu8_vadd_config() NULL
#define xnn_init_qu8_vmul_config() NULL
#define xnn_init_s32_to_f32_cvt_config() NULL
#define xnn_init_s8_clamp_config() NULL
#define xnn_init_u8_clamp_config() NULL
#define xnn_init_x8_lut_config() NULL

// Likewise of what the backend makes no operator of.
#define xnn_init_f32_gelu_config() NULL
#define xnn_init_f32_log_config() NULL
#define xnn_init_f32_rsqrt_config() NULL
#define xnn_init_f32_sqr_config() NULL
#define xnn_init_f32_vcopysign_config() NULL
#define xnn_init_f32_vsqrdiff_config() NULL

#include "xnnpack/reference-config.h"

#define xnn_init_binary_reference_config(type, datatype) NULL
#define xnn_init_unary_reference_config(type, input, output) NULL
