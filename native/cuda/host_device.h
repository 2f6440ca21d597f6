// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Marks what runs on the GPU, and on the CPU in tests.
#ifdef __CUDACC__
#define SYNSIGHT_HOST_DEVICE __host__ __device__
#else
#define SYNSIGHT_HOST_DEVICE
#endif
