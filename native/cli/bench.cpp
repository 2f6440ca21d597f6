// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "native/cli/commands.h"
#include "native/cli/feed.h"
#include "native/cli/json.h"
#include "native/cli/messages.h"
#include "native/cli/model_options.h"
#include "native/cli/options.h"
#include "native/cli/output.h"
#include "native/cli/table.h"

namespace synsight::cli {

namespace {

constexpr int kMaxRuns = 1'000'000;

struct BenchOptions {
  std::string model;
  std::string format = "table";
  bool profile = false;
  int num_runs = 20;
  int num_warm_up_runs = 3;
  EngineOptions engine;
  FeedOptions feed;
};

struct NodeTime {
  std::string name;
  std::string op_type;
  std::string kernel;
  double ms = 0;  // mean of the profiled runs
  double num_flops = 0;
};

struct BenchResult {
  std::string backend;
  std::vector<Shape> input_shapes;
  double median_ms = 0;
  double minimum_ms = 0;
  double num_flops = 0;
  size_t arena_bytes = 0;
  std::vector<NodeTime> nodes;  // empty without --profile
};

double gflop_per_second(double num_flops, double ms) { return ms > 0 ? num_flops / ms / 1e6 : 0; }

// Adds up the time of each node, by name.
class NodeTimer : public RunObserver {
 public:
  void after_node(const Node& node, double elapsed_ms) override { ms_[node.name] += elapsed_ms; }
  bool wants_outputs(const Node&) override { return false; }
  void output(const Node&, const Value&, const TensorView&) override {}

  double total_ms(const std::string& name) const {
    const auto found = ms_.find(name);
    return found == ms_.end() ? 0 : found->second;
  }

 private:
  std::map<std::string, double> ms_;
};

// One network with its inputs and outputs in place, so that a run measures nothing else.
class Bench {
 public:
  static Result<Bench> create(Session session, std::span<const Shape> shapes) {
    Bench bench(std::move(session));
    Executable& executable = bench.session_.executable();
    SYNSIGHT_TRY(executable.reshape(shapes));
    SYNSIGHT_TRY_ASSIGN(bench.inputs_, random_tensors(executable.inputs()));
    SYNSIGHT_TRY_ASSIGN(bench.outputs_, allocate_tensors(executable.outputs()));
    bench.input_views_ = views_of(bench.inputs_);
    for (Tensor& output : bench.outputs_) bench.output_views_.push_back(output.mutable_view());
    return bench;
  }

  // The time of each of `count` runs, in milliseconds.
  Result<std::vector<double>> time_runs(int count, const RunOptions& options) {
    std::vector<double> times;
    for (int i = 0; i < count; ++i) {
      const Clock::time_point start = Clock::now();
      SYNSIGHT_TRY(session_.executable().run(input_views_, output_views_, options));
      times.push_back(milliseconds_since(start));
    }
    return times;
  }

  Session& session() { return session_; }

 private:
  explicit Bench(Session session) : session_(std::move(session)) {}

  Session session_;
  std::vector<Tensor> inputs_;
  std::vector<Tensor> outputs_;
  std::vector<TensorView> input_views_;
  std::vector<MutableTensorView> output_views_;
};

double median_of(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const size_t middle = times.size() / 2;
  return times.size() % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
}

Result<BenchResult> measure(const BenchOptions& options, const Context& context) {
  SYNSIGHT_TRY_ASSIGN(Graph graph, load_graph(options.model));
  SYNSIGHT_TRY_ASSIGN(auto shapes, choose_input_shapes(graph, options.feed));
  SYNSIGHT_TRY_ASSIGN(Session session, create_session(std::move(graph), context, options.engine));
  SYNSIGHT_TRY_ASSIGN(Bench bench, Bench::create(std::move(session), shapes));
  RunOptions run_options;
  run_options.cancel = context.cancel;
  SYNSIGHT_TRY(bench.time_runs(options.num_warm_up_runs, run_options));
  SYNSIGHT_TRY_ASSIGN(const auto times, bench.time_runs(options.num_runs, run_options));
  BenchResult result;
  result.backend = bench.session().backend_name();
  result.input_shapes = std::move(shapes);
  result.median_ms = median_of(times);
  result.minimum_ms = *std::min_element(times.begin(), times.end());
  result.arena_bytes = bench.session().executable().arena_bytes();
  const std::vector<NodePlan> plan = bench.session().executable().plan();
  for (const NodePlan& node : plan) result.num_flops += node.num_flops;
  if (!options.profile) return result;
  NodeTimer timer;
  run_options.observer = &timer;
  SYNSIGHT_TRY(bench.time_runs(options.num_runs, run_options));
  for (const NodePlan& node : plan) {
    result.nodes.push_back({node.node->name, node.node->op_type, node.kernel,
                            timer.total_ms(node.node->name) / options.num_runs, node.num_flops});
  }
  return result;
}

std::string profile_text(const BenchResult& result) {
  double total_ms = 0;
  for (const NodeTime& node : result.nodes) total_ms += node.ms;
  std::vector<std::vector<std::string>> rows;
  for (const NodeTime& node : result.nodes) {
    rows.push_back({fixed(node.ms, 3), fixed(total_ms > 0 ? 100 * node.ms / total_ms : 0, 1),
                    node.num_flops > 0 ? fixed(gflop_per_second(node.num_flops, node.ms), 1) : "",
                    node.op_type, node.kernel, printable(node.name)});
  }
  return "\n" + format_table({{"ms", Align::kRight},
                              {"%", Align::kRight},
                              {"GFLOP/s", Align::kRight},
                              {"operator"},
                              {"kernel"},
                              {"node"}},
                             rows);
}

std::string table_text(const BenchOptions& options, const BenchResult& result) {
  std::string inputs;
  for (const Shape& shape : result.input_shapes) inputs += " " + shape.to_string();
  std::string text = concat({printable(options.model), inputs, ", ", result.backend, ", ",
                             options.engine.compile.num_threads,
                             options.engine.compile.num_threads == 1 ? " thread, " : " threads, ",
                             options.num_runs, " runs\n"});
  text += concat({"median   ", fixed(result.median_ms, 3), " ms, ",
                  fixed(gflop_per_second(result.num_flops, result.median_ms), 1), " GFLOP/s\n"});
  text += concat({"minimum  ", fixed(result.minimum_ms, 3), " ms, ",
                  fixed(gflop_per_second(result.num_flops, result.minimum_ms), 1), " GFLOP/s\n"});
  text += concat({"work     ", fixed(result.num_flops / 1e9, 3), " GFLOP\n"});
  text += concat({"arena    ", fixed(static_cast<double>(result.arena_bytes) / 1e6, 1), " MB\n"});
  return options.profile ? text + profile_text(result) : text;
}

std::string json_text(const BenchOptions& options, const BenchResult& result) {
  Json shapes = Json::array();
  for (const Shape& shape : result.input_shapes) {
    shapes.push_back(std::vector<int64_t>(shape.dims().begin(), shape.dims().end()));
  }
  Json json = {{"model", options.model},
               {"backend", result.backend},
               {"threads", options.engine.compile.num_threads},
               {"input_shapes", std::move(shapes)},
               {"runs", options.num_runs},
               {"median_ms", result.median_ms},
               {"minimum_ms", result.minimum_ms},
               {"gflop", result.num_flops / 1e9},
               {"gflop_per_second", gflop_per_second(result.num_flops, result.median_ms)},
               {"arena_bytes", result.arena_bytes}};
  if (options.profile) {
    Json nodes = Json::array();
    for (const NodeTime& node : result.nodes) {
      nodes.push_back({{"name", node.name},
                       {"type", node.op_type},
                       {"kernel", node.kernel},
                       {"ms", node.ms},
                       {"gflop", node.num_flops / 1e9}});
    }
    json["nodes"] = std::move(nodes);
  }
  return to_text(json) + "\n";
}

Result<int> bench(const BenchOptions& options, const Context& context) {
  SYNSIGHT_TRY_ASSIGN(const BenchResult result, measure(options, context));
  SYNSIGHT_TRY(
      print(options.format == "json" ? json_text(options, result) : table_text(options, result)));
  return kExitSuccess;
}

}  // namespace

void add_bench(CLI::App& app, const Context& context, Action& action) {
  const auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand("bench", "how long a network takes, on random input");
  add_model_argument(*command, options->model);
  command->add_flag("--profile", options->profile, "a line a node, in the order of the run");
  add_number(*command, "--runs", options->num_runs, 1, kMaxRuns, "how many runs are measured")
      ->capture_default_str();
  add_number(*command, "--warm-up", options->num_warm_up_runs, 0, kMaxRuns,
             "how many runs before them are not")
      ->capture_default_str();
  add_feed_options(*command, options->feed);
  add_choice(*command, "--format", options->format, {"table", "json"}, "how the times are printed")
      ->capture_default_str();
  add_engine_options(*command, context, options->engine);
  command->footer("Example:\n  synsight bench efficientnet-lite0 --threads 1 --profile");
  command->callback([options, &context, &action] {
    action = [options, &context] { return bench(*options, context); };
  });
}

}  // namespace synsight::cli
