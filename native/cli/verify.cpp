// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "core/ops/quantize.h"
#include "native/cli/commands.h"
#include "native/cli/difference.h"
#include "native/cli/feed.h"
#include "native/cli/machine.h"
#include "native/cli/messages.h"
#include "native/cli/model_options.h"
#include "native/cli/output.h"
#include "native/cli/picture_list.h"
#include "native/cli/table.h"
#include "native/cli/tolerance.h"

namespace synsight::cli {

namespace {

struct VerifyOptions {
  std::string model;
  std::vector<std::string> images;
  EngineOptions engine;
  FeedOptions feed;
  PictureOptions pictures;
};

// What a network is fed once.
struct Input {
  std::string name;
  std::vector<Tensor> tensors;
};

// Every value of a run, by name.
using Values = std::map<std::string, Tensor, std::less<>>;

class Recorder : public RunObserver {
 public:
  void after_node(const Node&, double) override {}
  bool wants_outputs(const Node&) override { return true; }
  void output(const Node&, const Value& value, const TensorView& elements) override {
    auto copy = Tensor::copy(elements);
    if (copy) {
      values_[value.name] = *std::move(copy);
    } else if (status_) {
      status_ = tl::unexpected(std::move(copy).error());
    }
  }

  const Status& status() const { return status_; }
  Values take_values() { return std::move(values_); }

 private:
  Values values_;
  Status status_;
};

// The largest difference of a run's values from recorded ones, and the node that it is behind.
class Comparer : public RunObserver {
 public:
  explicit Comparer(const Values& expected) : expected_(expected) {}

  void after_node(const Node&, double) override {}
  bool wants_outputs(const Node&) override { return true; }
  void output(const Node& node, const Value& value, const TensorView& elements) override {
    const auto expected = expected_.find(value.name);
    if (expected == expected_.end()) return;
    const Result<double> difference = relative_difference(expected->second.view(), elements);
    if (!difference && status_) status_ = tl::unexpected(difference.error());
    if (difference && *difference > worst_) {
      worst_ = *difference;
      node_ = describe(node);
    }
  }

  const Status& status() const { return status_; }
  double worst() const { return worst_; }
  const std::string& node() const { return node_; }

 private:
  const Values& expected_;
  Status status_;
  double worst_ = 0;
  std::string node_;
};

// One backend on one input.
struct Comparison {
  std::string input;
  std::string backend;
  Tolerance tolerance;
  double outputs = 0;  // relative_difference, the largest
  double values = 0;
  std::string node;  // behind the value of the largest difference

  bool is_good() const {
    return outputs <= tolerance.at_most &&
           (!tolerance.has_all_values || values <= tolerance.at_most);
  }
};

Result<std::vector<Input>> random_input(const VerifyOptions& options) {
  SYNSIGHT_TRY_ASSIGN(const Graph graph, load_graph(options.model));
  SYNSIGHT_TRY_ASSIGN(const auto shapes, choose_input_shapes(graph, options.feed));
  std::vector<Port> ports;
  for (size_t i = 0; i < shapes.size(); ++i) {
    const Value& input = graph.value(graph.inputs[i]);
    ports.push_back({input.name, input.dtype, shapes[i]});
  }
  std::vector<Input> inputs(1);
  inputs[0].name = "random";
  SYNSIGHT_TRY_ASSIGN(inputs[0].tensors, random_tensors(ports));
  return inputs;
}

Result<std::vector<Input>> pictures_input(const VerifyOptions& options, const Context& context) {
  SYNSIGHT_TRY_ASSIGN(const Graph graph, load_graph(options.model));
  SYNSIGHT_TRY_ASSIGN(const PictureInput input, create_picture_input(graph, options.pictures));
  std::vector<Input> inputs;
  for (const Picture& picture : list_pictures(options.images)) {
    SYNSIGHT_TRY_ASSIGN(const auto bytes, read_picture(picture, *context.cancel));
    auto prepared = input.prepare(bytes, {options.pictures.max_pixels});
    if (!prepared) return tl::unexpected(in_file(picture.path, prepared.error()));
    inputs.push_back({picture.path, {}});
    inputs.back().tensors.push_back(std::move(prepared->tensor));
  }
  return inputs;
}

Result<Session> session_on(const std::string& backend, const VerifyOptions& options,
                           const Context& context) {
  SYNSIGHT_TRY_ASSIGN(Graph graph, load_graph(options.model));
  EngineOptions engine = options.engine;
  engine.backend = backend;
  return create_session(std::move(graph), context, engine);
}

Result<Comparison> compare(Session& reference, Session& other, const Input& input,
                           const CancelFlag* cancel) {
  const std::vector<TensorView> inputs = views_of(input.tensors);
  Recorder recorder;
  SYNSIGHT_TRY_ASSIGN(const auto expected, reference.run(inputs, {cancel, {}, &recorder}));
  SYNSIGHT_TRY(recorder.status());
  const Values values = recorder.take_values();
  Comparer comparer(values);
  SYNSIGHT_TRY(other.run(inputs, {cancel, {}, &comparer}));
  SYNSIGHT_TRY(comparer.status());
  // Unwatched, as users run it: a device has recorded that, and computes it without a pause.
  SYNSIGHT_TRY_ASSIGN(const auto actual, other.run(inputs, {cancel, {}, nullptr}));
  Comparison comparison;
  comparison.input = input.name;
  comparison.backend = other.backend_name();
  comparison.values = comparer.worst();
  comparison.node = comparer.node();
  for (size_t i = 0; i < expected.size(); ++i) {
    SYNSIGHT_TRY_ASSIGN(const double difference,
                        relative_difference(expected[i].view(), actual[i].view()));
    comparison.outputs = std::max(comparison.outputs, difference);
  }
  return comparison;
}

Status compare_all(Session& reference, const Backend& backend, std::span<const Input> inputs,
                   const VerifyOptions& options, const Context& context,
                   std::vector<Comparison>& comparisons) {
  SYNSIGHT_TRY_ASSIGN(Session other, session_on(std::string(backend.name()), options, context));
  for (const Input& input : inputs) {
    SYNSIGHT_TRY_ASSIGN(Comparison comparison, compare(reference, other, input, context.cancel));
    comparison.tolerance = tolerance_of(backend, options.engine);
    comparisons.push_back(std::move(comparison));
  }
  return {};
}

std::string scientific(double number) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.1e", number);
  return buffer;
}

// What somebody who reads the report needs to know of this machine.
std::string describe_machine(const VerifyOptions& options, const Context& context) {
  const int device = options.engine.compile.device;
  std::string text = concat({"synsight ", SYNSIGHT_VERSION, ", ", printable(options.model), "\n",
                             "cpu: ", printable(cpu_name()), ", ",
                             options.engine.compile.num_threads, " threads\n"});
  for (const Backend* backend : context.backends) {
    if (!backend->uses_device()) continue;
    const auto description = backend->describe_device(device);
    text += concat({backend->name(), ": ",
                    description ? concat({"GPU ", device, ", ", printable(*description)})
                                : printable(description.error().message),
                    "\n"});
  }
  return text + "\n";
}

std::string report(const std::vector<Comparison>& comparisons) {
  std::vector<std::vector<std::string>> rows;
  for (const Comparison& comparison : comparisons) {
    const Tolerance& tolerance = comparison.tolerance;
    rows.push_back({printable(comparison.input), comparison.backend,
                    std::string(tolerance.precision), scientific(comparison.outputs),
                    scientific(comparison.values), scientific(tolerance.at_most),
                    comparison.is_good() ? "yes" : "no", printable(comparison.node)});
  }
  return concat({"Largest difference from reference, as a part of each value's range\n",
                 format_table({{"input"},
                               {"backend"},
                               {"precision"},
                               {"outputs", Align::kRight},
                               {"all values", Align::kRight},
                               {"at most", Align::kRight},
                               {"good"},
                               {"largest behind"}},
                              rows)});
}

Result<int> verify(const VerifyOptions& options, const Context& context) {
  SYNSIGHT_TRY_ASSIGN(const auto inputs, options.images.empty() ? random_input(options)
                                                                : pictures_input(options, context));
  SYNSIGHT_TRY_ASSIGN(Session reference, session_on("reference", options, context));
  std::vector<Comparison> comparisons;
  for (const Backend* backend : context.backends) {
    const bool is_named = options.engine.backend == backend->name();
    if (backend->name() == "reference" || (options.engine.backend != "auto" && !is_named)) continue;
    const Status status = compare_all(reference, *backend, inputs, options, context, comparisons);
    if (status) continue;
    // Not every machine has every device, and what was compared before is worth to be seen.
    if (is_named || status.error().code != ErrorCode::kDevice)
      return tl::unexpected(status.error());
    print_note(concat({"not compared: ", backend->name(), ": ", status.error().message}));
  }
  if (comparisons.empty()) {
    return fail(ErrorCode::kInvalidArgument, "there is no backend to compare with reference");
  }
  SYNSIGHT_TRY(print(describe_machine(options, context) + report(comparisons)));
  if (ops::quantizes(reference.executable().graph())) {
    print_note(
        "the network quantises values (QuantizeLinear): where backends round one differently, it "
        "differs by a whole step, which is no fault of either");
  }
  const bool all_good = std::all_of(comparisons.begin(), comparisons.end(),
                                    [](const Comparison& c) { return c.is_good(); });
  return all_good ? kExitSuccess : kExitFailure;
}

}  // namespace

void add_verify(CLI::App& app, const Context& context, Action& action) {
  const auto options = std::make_shared<VerifyOptions>();
  CLI::App* command = app.add_subcommand("verify", "every backend against the reference");
  add_model_argument(*command, options->model);
  command->add_option("IMAGE", options->images, "pictures or folders; none: random input")
      ->type_name("");
  add_engine_options(*command, context, options->engine);
  add_feed_options(*command, options->feed);
  add_picture_options(*command, options->pictures);
  command->footer(
      "Compares what comes out, and what every node gives where none does another's work. The\n"
      "exit code is 1 where a backend differs too much for its precision: in f32 in any value,\n"
      "else in the outputs. The report says all that somebody else needs to judge it.\n\n"
      "Example:\n  synsight verify efficientnet-lite0 photo.jpg");
  command->callback([options, &context, &action] {
    action = [options, &context] { return verify(*options, context); };
  });
}

}  // namespace synsight::cli
