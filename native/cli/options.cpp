// SPDX-License-Identifier: Apache-2.0
#include "native/cli/options.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "native/cli/suggest.h"

namespace synsight::cli {

CLI::Option* add_choice(CLI::App& command, const std::string& name, std::string& value,
                        std::vector<std::string> choices, const std::string& help) {
  const std::string list = CLI::detail::join(choices, "|");
  const auto check = [choices = std::move(choices), list](const std::string& typed) -> std::string {
    if (std::find(choices.begin(), choices.end(), typed) != choices.end()) return "";
    return concat({"\"", typed, "\" is none of ", list, suggestion(typed, choices)});
  };
  return command.add_option(name, value, help)->type_name(list)->check(check, "");
}

}  // namespace synsight::cli
