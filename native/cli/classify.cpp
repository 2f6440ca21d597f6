// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "native/cli/commands.h"
#include "native/cli/messages.h"
#include "native/cli/model_options.h"
#include "native/cli/options.h"
#include "native/cli/output.h"
#include "native/cli/overwrite.h"
#include "native/cli/picture_list.h"
#include "native/cli/prediction_format.h"
#include "native/cli/prefetch.h"
#include "native/cli/progress.h"

namespace synsight::cli {

namespace {

struct ClassifyOptions {
  std::vector<std::string> paths;
  std::string model = kDefaultModel;
  std::string labels;  // a file; empty: the model's own
  std::string format = "table";
  std::string output;
  size_t top = 5;
  int timeout_ms = 0;  // 0: none
  EngineOptions engine;
  PictureOptions pictures;
};

constexpr size_t kMaxTop = 1'000'000;
constexpr int kMaxTimeoutMs = 1'000'000'000;

// Each may hold a decoded picture of --max-pixels, so there are few.
constexpr size_t kMaxDecodingThreads = 4;

// The pictures of one command, classified one after the other.
class Job {
 public:
  Job(const ClassifyOptions& options, const Context& context, const std::vector<Picture>& pictures,
      Classifier& classifier, Output& output)
      : options_(options),
        context_(context),
        pictures_(pictures),
        classifier_(classifier),
        output_(output),
        formatter_(parse_prediction_format(options.format), pictures, classifier.classes()),
        progress_(pictures.size()) {}

  // Decodes on other threads while this one runs the network. Returns how many pictures could be
  // classified. Errors: kCancelled, kIo for the output.
  Result<size_t> run() {
    const size_t num_cores = std::max(1U, std::thread::hardware_concurrency());
    const size_t num_threads = std::min({num_cores, pictures_.size(), kMaxDecodingThreads});
    Prefetch<Result<PreparedImage>> prepared(pictures_.size(), num_threads, 2 * num_threads,
                                             [this](size_t i) { return prepare(pictures_[i]); });
    size_t num_classified = 0;
    for (const Picture& picture : pictures_) {
      const auto classified = classify(picture, prepared.take());
      SYNSIGHT_TRY(check_may_continue(context_.cancel, {}));
      if (classified) {
        SYNSIGHT_TRY(write(formatter_.picture(*classified)));
        ++num_classified;
      } else {
        progress_.hide();
        print_error(classified.error().message);
        SYNSIGHT_TRY(write(formatter_.failure(picture.path, classified.error())));
      }
      progress_.advance();
    }
    SYNSIGHT_TRY(write(formatter_.end()));
    return num_classified;
  }

 private:
  Result<PreparedImage> prepare(const Picture& picture) const {
    SYNSIGHT_TRY_ASSIGN(const auto bytes, read_picture(picture, *context_.cancel));
    auto prepared = classifier_.prepare(bytes, {options_.pictures.max_pixels});
    return std::move(prepared).map_error(
        [&](const Error& error) { return in_file(picture.path, error); });
  }

  Result<ClassifiedPicture> classify(const Picture& picture, Result<PreparedImage> prepared) {
    if (!prepared) return tl::unexpected(std::move(prepared).error());
    RunOptions run_options;
    run_options.cancel = context_.cancel;
    if (options_.timeout_ms > 0) run_options.deadline = deadline(prepared->timings);
    auto classification = classifier_.classify(*prepared, options_.top, run_options);
    if (!classification) {
      return tl::unexpected(in_file(picture.path, classification.error()));
    }
    return ClassifiedPicture{picture.path, prepared->width, prepared->height,
                             *std::move(classification)};
  }

  // Decoding and preprocessing, which happened earlier, count towards the picture's time.
  Clock::time_point deadline(const Timings& spent) const {
    const std::chrono::duration<double, std::milli> left(options_.timeout_ms - spent.decode_ms -
                                                         spent.preprocess_ms);
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(left);
  }

  Status write(const std::string& text) {
    if (text.empty()) return {};
    progress_.hide();
    return output_.write(text);
  }

  const ClassifyOptions& options_;
  const Context& context_;
  const std::vector<Picture>& pictures_;
  Classifier& classifier_;
  Output& output_;
  PredictionFormatter formatter_;
  Progress progress_;
};

Result<int> classify(const ClassifyOptions& options, const Context& context) {
  const std::vector<Picture> pictures = list_pictures(options.paths);
  if (std::none_of(pictures.begin(), pictures.end(),
                   [](const Picture& picture) { return picture.status.has_value(); })) {
    for (const Picture& picture : pictures) print_error(picture.status.error().message);
    return kExitFailure;
  }
  std::optional<Output> output(std::in_place);
  if (!options.output.empty()) {
    std::vector<std::string> inputs;
    for (const Picture& picture : pictures) inputs.push_back(picture.path);
    if (!options.labels.empty()) inputs.push_back(options.labels);
    SYNSIGHT_TRY(check_keeps_inputs(options.output, inputs, options.model));
    SYNSIGHT_TRY_ASSIGN(Output file, Output::open(options.output));
    output.emplace(std::move(file));
  }
  SYNSIGHT_TRY_ASSIGN(Graph graph, load_graph(options.model));
  SYNSIGHT_TRY_ASSIGN(Classifier classifier,
                      create_classifier(std::move(graph), context, options.engine, options.pictures,
                                        options.labels));
  Job job(options, context, pictures, classifier, *output);
  SYNSIGHT_TRY_ASSIGN(const size_t num_classified, job.run());
  // Where nothing could be classified there is nothing to keep.
  if (num_classified > 0) SYNSIGHT_TRY(output->commit());
  return num_classified == pictures.size() ? kExitSuccess : kExitFailure;
}

}  // namespace

void add_classify(CLI::App& app, const Context& context, Action& action) {
  const auto options = std::make_shared<ClassifyOptions>();
  CLI::App* command = app.add_subcommand("classify", "the best classes of pictures");
  command->add_option("PATH", options->paths, "pictures, folders with all below them, - for stdin")
      ->type_name("")
      ->required();
  command->add_option("--model", options->model, "a model's name, or an ONNX file")
      ->capture_default_str()
      ->type_name("MODEL");
  add_number(*command, "--top", options->top, size_t{1}, kMaxTop, "how many classes a picture")
      ->capture_default_str();
  command
      ->add_option("--labels", options->labels,
                   "what the classes are called, a label a line; the model usually says")
      ->type_name("FILE");
  add_choice(*command, "--format", options->format, prediction_format_names(),
             "how they are printed")
      ->capture_default_str();
  command->add_option("--output", options->output, "a file instead of standard output")
      ->type_name("FILE");
  add_number(*command, "--timeout-ms", options->timeout_ms, 1, kMaxTimeoutMs,
             "a picture's longest time");
  add_engine_options(*command, context, options->engine);
  add_picture_options(*command, options->pictures);
  command->footer(
      "Examples:\n"
      "  synsight classify photo.jpg\n"
      "  synsight classify holiday/ --format csv --output holiday.csv\n"
      "  curl -s https://example.org/cat.jpg | synsight classify - --format keras --top 3");
  command->callback([options, &context, &action] {
    action = [options, &context] { return classify(*options, context); };
  });
}

}  // namespace synsight::cli
