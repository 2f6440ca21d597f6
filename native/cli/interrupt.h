// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/cancellation.h"

namespace synsight::cli {

/// From now on the first Ctrl-C or SIGTERM raises the flag that is returned; a second one ends the
/// process as usual.
const CancelFlag& cancel_on_interrupt();

/// The signal that raised the flag, or 0.
int interrupting_signal();

}  // namespace synsight::cli
