// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/backend/backend.h"

namespace synsight::test {

/// Every backend of this build; each operator case runs on all of them.
std::span<const Backend* const> all_backends();

}  // namespace synsight::test
