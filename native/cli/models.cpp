// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "core/base/text.h"
#include "native/cli/catalog.h"
#include "native/cli/commands.h"
#include "native/cli/messages.h"
#include "native/cli/output.h"
#include "native/cli/table.h"

namespace synsight::cli {

namespace {

std::string percent(float number) { return fixed(static_cast<double>(number), 1) + " %"; }

Result<int> models() {
  SYNSIGHT_TRY_ASSIGN(const auto catalog, read_catalog());
  std::vector<std::vector<std::string>> rows;
  for (const CatalogEntry& entry : catalog) {
    rows.push_back({printable(entry.name), concat({entry.input_size, "x", entry.input_size}),
                    with_commas(entry.num_parameters), percent(entry.published_top1),
                    percent(entry.measured_top1), percent(entry.measured_top5),
                    printable(entry.licence),
                    find_installed(entry.name).value_or("not installed")});
  }
  SYNSIGHT_TRY(print(format_table({{"model"},
                                   {"input", Align::kRight},
                                   {"parameters", Align::kRight},
                                   {"published top-1", Align::kRight},
                                   {"measured top-1", Align::kRight},
                                   {"top-5", Align::kRight},
                                   {"licence"},
                                   {"file"}},
                                  rows)));
  return kExitSuccess;
}

}  // namespace

void add_models(CLI::App& app, const Context&, Action& action) {
  CLI::App* command =
      app.add_subcommand("models", "the networks that have a name, and their files");
  command->footer(
      "published: on ImageNet's 50,000 validation photographs; measured: on 100 photographs, as\n"
      "models/catalog.json says. SYNSIGHT_MODELS names a folder with further models.\n\n"
      "Example:\n  synsight models");
  command->callback([&action] { action = models; });
}

}  // namespace synsight::cli
