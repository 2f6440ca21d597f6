// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include "core/base/text.h"
#include "native/cli/commands.h"
#include "native/cli/json.h"
#include "native/cli/machine.h"
#include "native/cli/options.h"
#include "native/cli/output.h"

namespace synsight::cli {

namespace {

#if defined(__clang__)
constexpr const char* kCompiler = "clang " __clang_version__;
#else
constexpr const char* kCompiler = "gcc " __VERSION__;
#endif

Result<int> version(const std::string& format, const Context& context) {
  std::vector<std::string> backends;
  for (const Backend* backend : context.backends) backends.emplace_back(backend->name());
  const std::vector<std::string> features = cpu_features();
  if (format == "json") {
    SYNSIGHT_TRY(print(to_text(Json{{"version", SYNSIGHT_VERSION},
                                    {"backends", backends},
                                    {"cpu", cpu_name()},
                                    {"cpu_features", features},
                                    {"default_threads", default_num_threads()},
                                    {"compiler", kCompiler}}) +
                       "\n"));
    return kExitSuccess;
  }
  SYNSIGHT_TRY(print(
      concat({"synsight  ", SYNSIGHT_VERSION, "\nbackends  ", CLI::detail::join(backends, ", "),
              "\ncpu       ", cpu_name(), "\nfeatures  ", CLI::detail::join(features, ", "),
              "\nthreads   ", default_num_threads(), " by default\ncompiler  ", kCompiler, "\n"})));
  return kExitSuccess;
}

}  // namespace

void add_version(CLI::App& app, const Context& context, Action& action) {
  const auto format = std::make_shared<std::string>("table");
  CLI::App* command = app.add_subcommand("version", "the program, its backends and this machine");
  add_choice(*command, "--format", *format, {"table", "json"}, "how it is printed")
      ->capture_default_str();
  command->footer("Example:\n  synsight version --format json");
  command->callback([format, &context, &action] {
    action = [format, &context] { return version(*format, context); };
  });
}

}  // namespace synsight::cli
