// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace synsight::test {

/// An operator case that a backend refuses (kUnsupportedOp or kUnsupportedType), and why. The case
/// is run all the same: a backend that no longer refuses it must leave the list.
struct Exception {
  std::string_view backend;
  std::string_view op_type;      // empty: every operator
  std::string_view description;  // the case's; empty: every case
  std::string_view reason;
};

inline const std::vector<Exception> kExceptions = {};

}  // namespace synsight::test
