// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "core/classifier/model_file.h"
#include "core/tensor/convert.h"
#include "native/cli/commands.h"
#include "native/cli/feed.h"
#include "native/cli/model_options.h"
#include "native/cli/npy.h"
#include "native/cli/tensor_files.h"

namespace synsight::cli {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxInputBytes = size_t{1} << 32;

struct RunCommandOptions {
  std::string model;
  std::vector<std::string> inputs;  // FILE, or NAME=FILE
  std::string output;
  EngineOptions engine;
};

std::string input_names(const Graph& graph) {
  std::string names;
  for (const ValueId id : graph.inputs) names += concat({" \"", graph.value(id).name, "\""});
  return names;
}

// The file for each of the graph's inputs: NAME=FILE where NAME is an input, the others in order.
Result<std::vector<std::string>> match_inputs(const std::vector<std::string>& arguments,
                                              const Graph& graph) {
  std::vector<std::string> files(graph.inputs.size());
  std::vector<std::string> in_order;
  for (const std::string& argument : arguments) {
    const size_t equals = argument.find('=');
    const auto input = std::find_if(graph.inputs.begin(), graph.inputs.end(), [&](ValueId id) {
      return equals != std::string::npos && graph.value(id).name == argument.substr(0, equals);
    });
    if (input == graph.inputs.end()) {
      std::error_code error;
      if (equals != std::string::npos && !fs::exists(argument, error)) {
        return fail(ErrorCode::kInvalidArgument,
                    concat({"\"", argument, "\" does not exist, and the model has no input \"",
                            argument.substr(0, equals), "\"; it has:", input_names(graph)}));
      }
      in_order.push_back(argument);
      continue;
    }
    std::string& file = files[static_cast<size_t>(input - graph.inputs.begin())];
    if (!file.empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  concat({"input \"", graph.value(*input).name, "\" is given twice"}));
    }
    file = argument.substr(equals + 1);
  }
  auto next = in_order.begin();
  for (std::string& file : files) {
    if (file.empty() && next != in_order.end()) file = *next++;
  }
  if (next != in_order.end() || std::count(files.begin(), files.end(), "") > 0) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"got ", arguments.size(), " inputs, the model has ", files.size(), ":",
                        input_names(graph)}));
  }
  return files;
}

Result<Tensor> read_input(const std::string& file, const Value& input) {
  SYNSIGHT_TRY_ASSIGN(const auto bytes, read_file(file, kMaxInputBytes));
  auto tensor = parse_npy(bytes);
  if (!tensor) return tl::unexpected(in_file(file, tensor.error()));
  if (tensor->dtype() != file_dtype(input.dtype)) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"\"", file, "\" holds ", dtype_name(tensor->dtype()), ", input \"",
                        input.name, "\" wants ", dtype_name(file_dtype(input.dtype))}));
  }
  if (tensor->dtype() == input.dtype) return tensor;
  return convert(tensor->view(), input.dtype);
}

Result<int> run(const RunCommandOptions& options, const Context& context) {
  SYNSIGHT_TRY_ASSIGN(Graph graph, load_graph(options.model));
  SYNSIGHT_TRY_ASSIGN(const auto files, match_inputs(options.inputs, graph));
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < files.size(); ++i) {
    SYNSIGHT_TRY_ASSIGN(Tensor input, read_input(files[i], graph.value(graph.inputs[i])));
    inputs.push_back(std::move(input));
  }
  std::vector<std::string> names;
  for (const ValueId id : graph.outputs) names.push_back(graph.value(id).name);
  SYNSIGHT_TRY_ASSIGN(TensorFiles outputs,
                      TensorFiles::open(options.output, names, files, options.model));
  SYNSIGHT_TRY_ASSIGN(Session session, create_session(std::move(graph), context, options.engine));
  RunOptions run_options;
  run_options.cancel = context.cancel;
  SYNSIGHT_TRY_ASSIGN(const auto results, session.run(views_of(inputs), run_options));
  for (size_t i = 0; i < results.size(); ++i)
    SYNSIGHT_TRY(write_tensor(outputs.files[i], results[i]));
  SYNSIGHT_TRY(outputs.commit());
  return kExitSuccess;
}

}  // namespace

void add_run(CLI::App& app, const Context& context, Action& action) {
  const auto options = std::make_shared<RunCommandOptions>();
  CLI::App* command = app.add_subcommand("run", "raw tensors through a network");
  add_model_argument(*command, options->model);
  command
      ->add_option("INPUT.npy", options->inputs,
                   "a file for each input, in order or as NAME=FILE.npy where NAME is an input")
      ->type_name("")
      ->required();
  command
      ->add_option("-o,--output", options->output,
                   "the output's file, a folder, where there are several, or - for stdout")
      ->type_name("OUTPUT.npy")
      ->required();
  add_engine_options(*command, context, options->engine);
  command->footer(
      "Examples:\n"
      "  synsight run efficientnet-lite0 input.npy -o logits.npy\n"
      "  synsight run two-inputs.onnx left=a.npy right=b.npy -o results/");
  command->callback([options, &context, &action] {
    action = [options, &context] { return run(*options, context); };
  });
}

}  // namespace synsight::cli
