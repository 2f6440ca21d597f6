// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace synsight {

/// Whether this build can start threads: in WebAssembly only those that are made for it can.
#if defined(__wasm__) && !defined(_REENTRANT)
inline constexpr bool kHasThreads = false;
#else
inline constexpr bool kHasThreads = true;
#endif

}  // namespace synsight
