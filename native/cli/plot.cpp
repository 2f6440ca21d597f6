// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "native/cli/commands.h"
#include "native/cli/dot.h"
#include "native/cli/feed.h"
#include "native/cli/layer_table.h"
#include "native/cli/model_options.h"
#include "native/cli/options.h"
#include "native/cli/output.h"
#include "native/cli/overwrite.h"
#include "native/cli/process.h"

namespace synsight::cli {

namespace {

struct PlotOptions {
  std::string model;
  std::string output;
  DotOptions dot;
  FeedOptions feed;
};

// `svg`, `png` or `dot`, by the file's name; empty where it is another.
std::string format_of(const std::string& output) {
  if (output == "-") return "dot";
  for (const char* format : {"svg", "png", "dot"}) {
    if (output.ends_with(std::string(".") + format)) return format;
  }
  return "";
}

// Graphviz gives up on right angles between many layers; other arrows it can always draw.
Result<std::string> draw(const std::vector<Layer>& layers, const PlotOptions& options,
                         const CancelFlag& cancel) {
  const std::string format = format_of(options.output);
  std::string text = dot_text(layers, options.dot);
  if (format == "dot") return text;
  const std::vector<std::string> command = {"dot", "-T" + format};
  auto drawn = run_program(command, text, cancel);
  if (drawn || drawn.error().code == ErrorCode::kCancelled) return drawn;
  DotOptions other = options.dot;
  other.splines = "spline";
  drawn = run_program(command, dot_text(layers, other), cancel);
  if (drawn || drawn.error().code == ErrorCode::kCancelled) return drawn;
  return fail(ErrorCode::kIo, concat({"Graphviz, which draws ", format, ": ", drawn.error().message,
                                      "; -o FILE.dot needs no other program"}));
}

Result<int> plot(const PlotOptions& options, const Context& context) {
  SYNSIGHT_TRY(check_keeps_inputs(options.output, {}, options.model));
  SYNSIGHT_TRY_ASSIGN(Graph graph, load_graph(options.model));
  SYNSIGHT_TRY_ASSIGN(const auto layers, list_layers(std::move(graph), options.feed));
  SYNSIGHT_TRY_ASSIGN(Output output, Output::open(options.output));
  SYNSIGHT_TRY_ASSIGN(const std::string drawn, draw(layers, options, *context.cancel));
  SYNSIGHT_TRY(output.write(drawn));
  SYNSIGHT_TRY(output.commit());
  return kExitSuccess;
}

}  // namespace

void add_plot(CLI::App& app, const Context& context, Action& action) {
  const auto options = std::make_shared<PlotOptions>();
  CLI::App* command = app.add_subcommand("plot", "a network's layers, as Keras draws them");
  add_model_argument(*command, options->model);
  const auto check = [](const std::string& output) -> std::string {
    if (!format_of(output).empty()) return "";
    return concat({"\"", output, "\" does not end in .svg, .png or .dot"});
  };
  command
      ->add_option("-o,--output", options->output,
                   "a drawing (.svg, .png), or Graphviz's text (.dot; - for stdout)")
      ->type_name("FILE")
      ->required()
      ->check(check, "");
  command->add_flag("--show-shapes", options->dot.show_shapes, "what goes in and comes out");
  command->add_flag("--show-layer-names", options->dot.show_layer_names,
                    "the layers' names beside their types");
  add_choice(*command, "--rankdir", options->dot.rankdir, {"TB", "LR", "BT", "RL"},
             "from top to bottom, from left to right, ...")
      ->capture_default_str();
  add_feed_options(*command, options->feed);
  command->footer(
      "Drawings are made by Graphviz's program `dot`.\n\n"
      "Example:\n  synsight plot efficientnet-lite0 -o network.svg --show-shapes");
  command->callback([options, &context, &action] {
    action = [options, &context] { return plot(*options, context); };
  });
}

}  // namespace synsight::cli
