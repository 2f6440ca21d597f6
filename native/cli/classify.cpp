// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "native/cli/answer_queue.h"
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
  size_t batch = 0;    // 0: the backend's own
  int timeout_ms = 0;  // 0: none
  EngineOptions engine;
  PictureOptions pictures;
};

constexpr size_t kMaxTop = 1'000'000;
constexpr int kMaxTimeoutMs = 1'000'000'000;

constexpr size_t kMaxBatch = 4096;
// Enough for a GPU to be busy, and few enough that the first answers come soon.
constexpr size_t kDeviceBatch = 32;

// Each may hold a decoded picture of --max-pixels, so there are few.
constexpr size_t kMaxDecodingThreads = 4;

// The pictures of one command.
class Job {
 public:
  Job(const ClassifyOptions& options, const Context& context, const std::vector<Picture>& pictures,
      std::span<Classifier> classifiers, Output& output)
      : options_(options),
        context_(context),
        pictures_(pictures),
        classifier_(classifiers[0]),
        output_(output),
        formatter_(parse_prediction_format(options.format), pictures, classifier_.classes()),
        answers_(classifiers, options.top),
        progress_(pictures.size()) {}

  // Decodes on other threads while this one, or a device, runs the network. Returns how many
  // pictures could be classified. Errors: kCancelled, kIo for the output.
  Result<size_t> run() {
    const size_t num_cores = std::max(1U, std::thread::hardware_concurrency());
    // A device is faster than a few threads can decode.
    const size_t most_threads = std::max(kMaxDecodingThreads, classifier_.batch());
    const size_t num_threads = std::min({num_cores, pictures_.size(), most_threads});
    Prefetch<Result<PreparedImage>> prepared(pictures_.size(), num_threads,
                                             2 * std::max(num_threads, classifier_.batch()),
                                             [this](size_t i) { return prepare(pictures_[i]); });
    for (size_t i = 0; i < pictures_.size(); ++i) {
      auto picture = prepared.take();
      const RunOptions run_options = options_for(picture);
      answers_.add(std::move(picture), run_options);
      SYNSIGHT_TRY(write_answers());
    }
    answers_.flush(options_for({}));
    SYNSIGHT_TRY(write_answers());
    SYNSIGHT_TRY(write(formatter_.end()));
    return num_classified_;
  }

 private:
  Result<PreparedImage> prepare(const Picture& picture) const {
    SYNSIGHT_TRY_ASSIGN(const auto bytes, read_picture(picture, *context_.cancel));
    auto prepared = classifier_.prepare_for_batch(bytes, {options_.pictures.max_pixels});
    return std::move(prepared).map_error(
        [&](const Error& error) { return in_file(picture.path, error); });
  }

  // Decoding and preprocessing, which happened earlier, count towards the picture's time.
  RunOptions options_for(const Result<PreparedImage>& picture) const {
    RunOptions run_options;
    run_options.cancel = context_.cancel;
    if (options_.timeout_ms == 0) return run_options;
    const Timings spent = picture ? picture->timings : Timings();
    const std::chrono::duration<double, std::milli> left(options_.timeout_ms - spent.decode_ms -
                                                         spent.preprocess_ms);
    run_options.deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(left);
    return run_options;
  }

  Status write_answers() {
    SYNSIGHT_TRY(check_may_continue(context_.cancel, {}));
    while (auto answer = answers_.take()) {
      const std::string& path = pictures_[num_written_++].path;
      if (answer->classification) {
        SYNSIGHT_TRY(write(formatter_.picture(
            {path, answer->width, answer->height, *std::move(answer->classification)})));
        ++num_classified_;
      } else {
        const bool was_prepared = answer->width > 0;  // else the file is named already
        const Error& why = answer->classification.error();
        const Error error = was_prepared ? in_file(path, why) : why;
        progress_.hide();
        print_error(error.message);
        SYNSIGHT_TRY(write(formatter_.failure(path, error)));
      }
      progress_.advance();
    }
    return {};
  }

  Status write(const std::string& text) {
    if (text.empty()) return {};
    progress_.hide();
    return output_.write(text);
  }

  const ClassifyOptions& options_;
  const Context& context_;
  const std::vector<Picture>& pictures_;
  Classifier& classifier_;  // the first one, which prepares for all
  Output& output_;
  PredictionFormatter formatter_;
  AnswerQueue answers_;
  Progress progress_;
  size_t num_written_ = 0;
  size_t num_classified_ = 0;
};

// Says how many pictures a run takes: what was asked for, or what suits the backend. Few pictures
// are a power of two for a device, so that plans for few sizes are sought, and the plan cache has
// them.
Status choose_batch(Classifier& classifier, const ClassifyOptions& options, size_t num_pictures) {
  const bool is_on_device = classifier.is_on_device();
  const size_t most = is_on_device ? std::bit_ceil(num_pictures) : num_pictures;
  if (options.batch > 0) return classifier.set_batch(std::min(options.batch, most));
  const size_t batch = std::min(kDeviceBatch, most);
  if (!is_on_device || batch == 1 || classifier.set_batch(batch)) return {};
  return classifier.set_batch(1);  // a network for one picture at a time
}

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
  std::vector<Classifier> classifiers;
  for (const EngineOptions& engine : engines_of(options.engine, context)) {
    SYNSIGHT_TRY_ASSIGN(Graph graph, load_graph(options.model));
    SYNSIGHT_TRY_ASSIGN(Classifier classifier, create_classifier(std::move(graph), context, engine,
                                                                 options.pictures, options.labels));
    SYNSIGHT_TRY(choose_batch(classifier, options, pictures.size()));
    classifiers.push_back(std::move(classifier));
  }
  Job job(options, context, pictures, classifiers, *output);
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
  add_number(*command, "--batch", options->batch, size_t{1}, kMaxBatch,
             "pictures a run; 1 on a CPU, up to 32 on a GPU where nothing is said")
      ->type_name("N");
  add_number(*command, "--timeout-ms", options->timeout_ms, 1, kMaxTimeoutMs,
             "a picture's longest time");
  options->engine.takes_all_devices = true;
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
