// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace synsight {

/// Whether this build is what a page downloads, where every kilobyte counts.
#if defined(__wasm__)
inline constexpr bool kIsSmallBuild = true;
#else
inline constexpr bool kIsSmallBuild = false;
#endif

}  // namespace synsight
