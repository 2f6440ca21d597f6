// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include "native/cli/context.h"

namespace synsight::cli {

// Each adds its command, with its options and help, to `app`; where the command line names it,
// parsing puts what it does into `action`.

/// `synsight classify`: the best classes of pictures.
void add_classify(CLI::App& app, const Context& context, Action& action);
/// `synsight run`: raw tensors through a network.
void add_run(CLI::App& app, const Context& context, Action& action);
/// `synsight summary`: a network's layers, as Keras prints them.
void add_summary(CLI::App& app, const Context& context, Action& action);
/// `synsight plot`: a network's layers, as Keras draws them.
void add_plot(CLI::App& app, const Context& context, Action& action);
/// `synsight features`: what layers give for pictures.
void add_features(CLI::App& app, const Context& context, Action& action);
/// `synsight bench`: how long a network takes, and each of its nodes.
void add_bench(CLI::App& app, const Context& context, Action& action);
/// `synsight verify`: every backend against the reference.
void add_verify(CLI::App& app, const Context& context, Action& action);
/// `synsight models`: the catalog and what is installed.
void add_models(CLI::App& app, const Context& context, Action& action);
/// `synsight ops`: the operators and each backend's kernels.
void add_ops(CLI::App& app, const Context& context, Action& action);
/// `synsight version`: the program, its backends and the machine.
void add_version(CLI::App& app, const Context& context, Action& action);

}  // namespace synsight::cli
