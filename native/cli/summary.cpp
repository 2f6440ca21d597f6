// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "native/cli/commands.h"
#include "native/cli/feed.h"
#include "native/cli/json.h"
#include "native/cli/layer_table.h"
#include "native/cli/messages.h"
#include "native/cli/model_options.h"
#include "native/cli/options.h"
#include "native/cli/output.h"
#include "native/cli/table.h"

namespace synsight::cli {

namespace {

struct SummaryOptions {
  std::string model;
  std::string format = "table";
  FeedOptions feed;
};

ParameterCount sum_of(const std::vector<Layer>& layers) {
  ParameterCount sum;
  for (const Layer& layer : layers) {
    sum.trainable += layer.parameters.trainable;
    sum.non_trainable += layer.parameters.non_trainable;
  }
  return sum;
}

std::string table_text(const std::string& name, const std::vector<Layer>& layers) {
  std::vector<std::vector<std::string>> rows;
  for (const Layer& layer : layers) {
    rows.push_back({printable(concat({layer.name, " (", layer.type, ")"})),
                    shape_text(layer.output_shape), with_commas(layer.parameters.total())});
  }
  const std::string table =
      format_table({{"Layer (type)"}, {"Output shape"}, {"Param #", Align::kRight}}, rows);
  const size_t titles_end = table.find('\n') + 1;
  size_t width = 0;
  for (size_t begin = 0; begin < table.size();) {
    const size_t end = table.find('\n', begin);
    width = std::max(width, num_characters(std::string_view(table).substr(begin, end - begin)));
    begin = end + 1;
  }
  const std::string rule = std::string(width, '=') + "\n";
  const ParameterCount sum = sum_of(layers);
  return concat({"Model: \"", printable(name), "\"\n", rule, table.substr(0, titles_end), rule,
                 table.substr(titles_end), rule, "Total params: ", with_commas(sum.total()),
                 "\nTrainable params: ", with_commas(sum.trainable),
                 "\nNon-trainable params: ", with_commas(sum.non_trainable), "\n"});
}

std::string json_text(const std::string& name, const std::vector<Layer>& layers) {
  Json list = Json::array();
  for (const Layer& layer : layers) {
    Json shape = Json::array();
    for (const auto& dim : layer.output_shape) shape.push_back(dim ? Json(*dim) : Json());
    list.push_back({{"name", layer.name},
                    {"type", layer.type},
                    {"output_shape", std::move(shape)},
                    {"parameters", layer.parameters.total()}});
  }
  const ParameterCount sum = sum_of(layers);
  return to_text(Json{{"model", name},
                      {"layers", std::move(list)},
                      {"total_parameters", sum.total()},
                      {"trainable_parameters", sum.trainable},
                      {"non_trainable_parameters", sum.non_trainable}}) +
         "\n";
}

Result<int> summary(const SummaryOptions& options) {
  SYNSIGHT_TRY_ASSIGN(Graph graph, load_graph(options.model));
  const std::string name = graph.name.empty() ? options.model : graph.name;
  SYNSIGHT_TRY_ASSIGN(const auto layers, list_layers(std::move(graph), options.feed));
  SYNSIGHT_TRY(
      print(options.format == "json" ? json_text(name, layers) : table_text(name, layers)));
  return kExitSuccess;
}

}  // namespace

void add_summary(CLI::App& app, const Context&, Action& action) {
  const auto options = std::make_shared<SummaryOptions>();
  CLI::App* command = app.add_subcommand("summary", "a network's layers, as Keras prints them");
  add_model_argument(*command, options->model);
  add_feed_options(*command, options->feed);
  add_choice(*command, "--format", options->format, {"table", "json"}, "how they are printed")
      ->capture_default_str();
  command->footer("Example:\n  synsight summary efficientnet-lite0");
  command->callback([options, &action] { action = [options] { return summary(*options); }; });
}

}  // namespace synsight::cli
