// SPDX-License-Identifier: Apache-2.0
#include "native/cli/command_line.h"

#include <algorithm>
#include <csignal>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "core/base/text.h"
#include "native/cli/commands.h"
#include "native/cli/interrupt.h"
#include "native/cli/messages.h"
#include "native/cli/suggest.h"

namespace synsight::cli {

namespace {

// The command that was named, or the program itself.
const CLI::App& named_command(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : *commands.front();
}

// What could have been meant by an argument that nothing takes: an option, or a command.
std::vector<std::string> alternatives(const CLI::App& app, const CLI::App& command,
                                      const std::string& argument) {
  std::vector<std::string> names;
  if (argument.starts_with("-")) {
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  } else if (&command == &app) {
    for (const CLI::App* other : app.get_subcommands(nullptr)) names.push_back(other->get_name());
  }
  return names;
}

std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = named_command(app);
  const std::string program = &command == &app ? "synsight" : "synsight " + command.get_name();
  const std::string help = concat({" (see ", program, " --help)"});
  // CLI11 reports a missing argument before one that nobody expected, which is often its cause.
  const std::vector<std::string> unexpected = app.remaining(true);
  if (unexpected.empty()) return error.what() + help;
  const std::string argument = unexpected.front().substr(0, unexpected.front().find('='));
  const bool names_command = &command == &app && !argument.starts_with("-");
  return concat({names_command ? "there is no command \"" : "unexpected argument \"", argument,
                 "\"", suggestion(argument, alternatives(app, command, argument)), help});
}

void add_commands(CLI::App& app, const Context& context, Action& action) {
  app.require_subcommand(1);
  app.set_version_flag("--version", "synsight " SYNSIGHT_VERSION);
  app.footer("Example:\n  synsight classify photo.jpg");
  add_classify(app, context, action);
  add_run(app, context, action);
  add_features(app, context, action);
  add_summary(app, context, action);
  add_plot(app, context, action);
  add_bench(app, context, action);
  add_verify(app, context, action);
  add_models(app, context, action);
  add_ops(app, context, action);
  add_version(app, context, action);
}

// The arguments as CLI11 wants them, the last one first. `help COMMAND` is `COMMAND --help`.
std::vector<std::string> reversed_arguments(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && arguments[0] == "help") {
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

int perform(const Action& action) {
  const Result<int> exit_code = action();
  if (exit_code) return *exit_code;
  if (exit_code.error().code == ErrorCode::kCancelled) {
    // Without a signal it was the output's reader that went away, as `head` does: no error.
    if (interrupting_signal() == 0) return 128 + SIGPIPE;
    print_error("interrupted");
    return 128 + interrupting_signal();
  }
  print_error(exit_code.error().message);
  return kExitFailure;
}

}  // namespace

int run_command_line(int argc, char** argv, std::vector<const Backend*> backends) {
  // A reader that goes away is a failed write, after which files under construction are removed.
  std::signal(SIGPIPE, SIG_IGN);
  const Context context = {std::move(backends), &cancel_on_interrupt()};
  Action action;
  CLI::App app("Classifies images with ONNX models.", "synsight");
  add_commands(app, context, action);
  try {
    app.parse(reversed_arguments(argc, argv));
    return perform(action);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    print_error(usage_message(app, error));
    return kExitUsage;
  } catch (const std::bad_alloc&) {
    print_error("out of memory");
  } catch (const std::exception& error) {
    print_error(error.what());
  }
  return kExitFailure;
}

}  // namespace synsight::cli
