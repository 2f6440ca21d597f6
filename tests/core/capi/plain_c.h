// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Goes the whole way of the C API in C: reads the model in two pieces, classifies the picture,
/// then runs the classifier's session on zeros [1,3,4,4]. Returns null, or what failed.
const char* find_problem_in_plain_c(const char* model, size_t model_bytes, const char* picture,
                                    size_t picture_bytes, const char* best_label);

#ifdef __cplusplus
}
#endif
