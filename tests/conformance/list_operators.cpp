// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <set>
#include <string>
#include <string_view>

#include "core/onnx/expand_quantized.h"
#include "core/ops/op.h"

// Prints the names of the operators that are supported, one a line, for write_cases.py.

int main() {
  std::set<std::string> names;
  for (const synsight::ops::Op& op : synsight::ops::op_table()) names.emplace(op.name);
  for (const std::string_view name : synsight::onnx::quantized_operators()) names.emplace(name);
  for (const std::string& name : names) std::printf("%s\n", name.c_str());
  return 0;
}
