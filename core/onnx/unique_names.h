// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

namespace synsight::onnx {

/// Names that are taken, and a way to new ones.
class UniqueNames {
 public:
  /// Marks a name as taken. False where it already was.
  bool take(const std::string& name) { return taken_.try_emplace(name, 0).second; }

  /// Takes `wanted`, or else `wanted` with the first free number behind it: `conv`, `conv_2`, ...
  std::string make(const std::string& wanted);

 private:
  std::unordered_map<std::string, size_t> taken_;  // with the last number tried behind it
};

}  // namespace synsight::onnx
