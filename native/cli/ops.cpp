// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "core/onnx/expand_quantized.h"
#include "core/ops/op.h"
#include "native/cli/commands.h"
#include "native/cli/output.h"
#include "native/cli/table.h"

namespace synsight::cli {

namespace {

Result<int> list_ops(const Context& context) {
  std::vector<Column> columns = {{"operator"}, {"opset"}};
  for (const Backend* backend : context.backends) columns.push_back({std::string(backend->name())});
  std::vector<std::vector<std::string>> rows;
  for (const ops::Op& op : ops::op_table()) {
    std::vector<std::string> row = {std::string(op.name),
                                    concat({op.min_opset, "-", op.max_opset})};
    for (const Backend* backend : context.backends) {
      const std::string_view kernel = backend->kernel_name(op.name);
      row.emplace_back(kernel.empty() ? "-" : kernel);
    }
    rows.push_back(std::move(row));
  }
  SYNSIGHT_TRY(print(format_table(std::move(columns), rows)));
  return kExitSuccess;
}

}  // namespace

void add_ops(CLI::App& app, const Context& context, Action& action) {
  CLI::App* command = app.add_subcommand("ops", "the operators, and each backend's kernels");
  std::string quantized;
  for (const std::string_view name : onnx::quantized_operators()) {
    quantized += concat({quantized.empty() ? "" : ", ", name});
  }
  command->footer(
      concat({"borrowed: the reference kernel, with the layout converted around it; -: refused.\n"
              "Computed as DequantizeLinear, an operator on floats and QuantizeLinear: ",
              quantized, ".\n\nExample:\n  synsight ops"}));
  command->callback([&context, &action] { action = [&context] { return list_ops(context); }; });
}

}  // namespace synsight::cli
