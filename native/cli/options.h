// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace synsight::cli {

/// Adds an option whose value is one of `choices`; another one gets the nearest as a suggestion.
CLI::Option* add_choice(CLI::App& command, const std::string& name, std::string& value,
                        std::vector<std::string> choices, const std::string& help);

/// Adds an option whose value is a whole number of [min, max].
template <typename T>
CLI::Option* add_number(CLI::App& command, const std::string& name, T& value, T min, T max,
                        const std::string& help) {
  CLI::Validator range = CLI::Range(min, max);
  range.description("");
  return command.add_option(name, value, help)->type_name("N")->check(range);
}

}  // namespace synsight::cli
