// SPDX-License-Identifier: Apache-2.0
#include "native/cli/model_options.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <utility>

#include "core/base/text.h"
#include "core/classifier/model_file.h"
#include "native/cli/catalog.h"
#include "native/cli/machine.h"
#include "native/cli/messages.h"
#include "native/cli/options.h"
#include "native/cli/suggest.h"

namespace synsight::cli {

namespace {

constexpr int kMaxThreads = 256;
constexpr size_t kMaxPixels = size_t{1} << 32;
constexpr size_t kMaxLabelsBytes = size_t{1} << 24;

const char* field_help(std::string_view key) {
  if (key == "resize")
    return "`stretch 224x224` (width first), `shorter 256`, `shorter 256 rounded` or `none`";
  if (key == "filter") return "`nearest`, `bilinear`, `bicubic` or `lanczos`";
  if (key == "crop") return "the middle that is kept: `224x224` or `none`";
  if (key == "color") return "order of the channels: `RGB` or `BGR`";
  if (key == "scale") return "what pixels (0 to 255) are multiplied by: `1/255`, `0.5`";
  if (key == "mean") return "then taken off: one number, or one a channel: `0.485,0.456,0.406`";
  return "then divided by: one number, or one a channel";
}

// The words that a field's text begins with, where there are few.
std::vector<std::string> field_words(std::string_view key) {
  if (key == "resize") return {"stretch", "shorter", "none"};
  if (key == "filter") return {"nearest", "bilinear", "bicubic", "lanczos"};
  if (key == "crop") return {"none"};
  if (key == "color") return {"RGB", "BGR"};
  return {};
}

// What is wrong with a field's text; empty where nothing is.
std::string check_field(std::string_view key, const std::string& text) {
  image::InputSpec scratch;
  const Status status = image::set_field(scratch, key, text);
  if (status) return "";
  const std::vector<std::string> words = field_words(key);
  const std::string word = text.substr(0, text.find(' '));
  const bool is_right = std::find(words.begin(), words.end(), word) != words.end();
  return status.error().message + (is_right ? "" : suggestion(word, words));
}

// Where what a device found out is kept for the next time; empty where there is no place.
std::string plan_cache_file() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  std::filesystem::path folder;
  if (cache != nullptr && *cache != 0) {
    folder = cache;
  } else if (home != nullptr && *home != 0) {
    folder = std::filesystem::path(home) / ".cache";
  }
  return folder.is_absolute() ? (folder / "synsight" / "cuda-plans").string() : "";
}

void note_refusals(const Session& session) {
  std::istringstream refusals(session.refusals());
  for (std::string refusal; std::getline(refusals, refusal);) {
    print_note(concat({"running on ", session.backend_name(), ", for ", refusal}));
  }
}

// The text of a file with a label a line.
Result<std::string> read_labels(const std::string& file) {
  SYNSIGHT_TRY_ASSIGN(const auto bytes, read_file(file, kMaxLabelsBytes));
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (const auto classes = labels::parse_classes(text); !classes) {
    return tl::unexpected(in_file(file, classes.error()));
  }
  return text;
}

void note_guess(const std::string& guess, bool guesses_input, bool guesses_classes) {
  if (guess.empty()) return;
  print_note(guess);
  if (!guesses_input && !guesses_classes) return;
  const std::string_view preset = guesses_input ? " --preset NAME" : "";
  const auto labels = [&](std::string_view option) {
    return guesses_classes ? concat({" ", option, " FILE"}) : std::string();
  };
  print_warning(concat({"a wrong guess gives wrong answers; say", preset, labels("--labels"),
                        ", or write it into the model: python -m models describe MODEL.onnx",
                        preset, labels("--classes")}));
}

constexpr int kMaxDevices = 1024;

constexpr std::pair<std::string_view, Precision> kPrecisions[] = {{"f32", Precision::kFloat32},
                                                                  {"tf32", Precision::kTf32},
                                                                  {"f16", Precision::kFloat16},
                                                                  {"bf16", Precision::kBFloat16}};

Precision parse_precision(std::string_view name) {
  const auto* found = std::find_if(std::begin(kPrecisions), std::end(kPrecisions),
                                   [&](const auto& precision) { return precision.first == name; });
  return found->second;
}

void add_device_options(CLI::App& command, EngineOptions& options) {
  const std::string group = "On a GPU";
  const bool takes_all = options.takes_all_devices;
  const CLI::Range range(0, kMaxDevices);
  command
      .add_option_function<std::string>(
          "--device",
          [&options](const std::string& text) {
            options.uses_all_devices = text == "all";
            if (text != "all") options.compile.device = std::stoi(text);
          },
          takes_all ? "which one, counted from 0, or `all` to share the pictures"
                    : "which one, counted from 0")
      ->type_name("N")
      ->check(
          [takes_all, range](const std::string& text) {
            std::string copy = text;
            return takes_all && text == "all" ? std::string() : range(copy);
          },
          "")
      ->group(group);
  std::vector<std::string> names;
  for (const auto& [name, precision] : kPrecisions) names.emplace_back(name);
  add_choice(command, "--precision", options.precision, std::move(names),
             "how numbers are stored and multiplied")
      ->capture_default_str()
      ->group(group);
  command.add_flag("--tune", options.compile.is_tuned, "time the ways to compute each convolution")
      ->group(group);
}

}  // namespace

void add_model_argument(CLI::App& command, std::string& model) {
  command.add_option("MODEL", model, "a model's name, or an ONNX file")->type_name("")->required();
}

void add_engine_options(CLI::App& command, const Context& context, EngineOptions& options) {
  std::vector<std::string> names = {"auto"};
  for (const Backend* backend : context.backends) names.emplace_back(backend->name());
  add_choice(command, "--backend", options.backend, std::move(names),
             "what computes; auto: the first that can")
      ->capture_default_str();
  add_threads_option(command, options);
  const bool has_device =
      std::any_of(context.backends.begin(), context.backends.end(),
                  [](const Backend* backend) { return backend->uses_device(); });
  if (has_device) add_device_options(command, options);
}

void add_threads_option(CLI::App& command, EngineOptions& options) {
  options.compile.num_threads = default_num_threads();
  add_number(command, "--threads", options.compile.num_threads, 1, kMaxThreads,
             "threads that compute one picture")
      ->capture_default_str();
}

void add_picture_options(CLI::App& command, PictureOptions& options) {
  const std::string group = "How pictures are fed (the model usually says)";
  add_number(command, "--max-pixels", options.max_pixels, size_t{1}, kMaxPixels,
             "pictures of more pixels are refused")
      ->capture_default_str();
  const auto presets = image::preset_names();
  add_choice(command, "--preset", options.preset, {presets.begin(), presets.end()},
             "a well-known recipe")
      ->group(group);
  for (const std::string_view key : image::kInputSpecKeys) {
    const auto check = [key](const std::string& text) { return check_field(key, text); };
    const auto store = [key, &options](const std::string& text) {
      options.overrides.emplace_back(key, text);
    };
    command.add_option_function<std::string>("--" + std::string(key), store, field_help(key))
        ->type_name("TEXT")
        ->check(check, "")
        ->group(group);
  }
}

Result<Graph> load_graph(const std::string& model) {
  SYNSIGHT_TRY_ASSIGN(const std::string file, find_model(model));
  return read_model_file(file);
}

std::vector<EngineOptions> engines_of(const EngineOptions& options, const Context& context) {
  std::vector<EngineOptions> engines;
  for (const Backend* backend : context.backends) {
    const bool is_chosen = options.backend == "auto" || options.backend == backend->name();
    if (!options.uses_all_devices || !is_chosen || !backend->uses_device()) continue;
    const size_t count = backend->num_devices().value_or(0);
    for (size_t device = 0; device < count; ++device) {
      engines.push_back(options);
      engines.back().compile.device = static_cast<int>(device);
    }
  }
  // Without any, compiling says why.
  if (engines.empty()) engines.push_back(options);
  return engines;
}

SessionOptions session_options(const Context& context, const EngineOptions& options) {
  SessionOptions session;
  session.compile = options.compile;
  session.compile.precision = parse_precision(options.precision);
  for (const Backend* backend : context.backends) {
    if (options.backend == "auto" || options.backend == backend->name()) {
      session.backends.push_back(backend);
      if (backend->uses_device()) session.compile.plan_cache = plan_cache_file();
    }
  }
  return session;
}

Result<Session> create_session(Graph graph, const Context& context, const EngineOptions& options) {
  SYNSIGHT_TRY_ASSIGN(Session session,
                      Session::create(std::move(graph), session_options(context, options)));
  note_refusals(session);
  return session;
}

Result<Classifier> create_classifier(Graph graph, const Context& context,
                                     const EngineOptions& engine, const PictureOptions& pictures,
                                     const std::string& labels) {
  ClassifierOptions options;
  options.session = session_options(context, engine);
  options.preset = pictures.preset;
  options.overrides = pictures.overrides;
  if (!labels.empty()) {
    SYNSIGHT_TRY_ASSIGN(options.classes, read_labels(labels));
  }
  SYNSIGHT_TRY_ASSIGN(Classifier classifier, Classifier::create(std::move(graph), options));
  note_refusals(classifier.session());
  note_guess(classifier.guess(), classifier.guesses_input(), classifier.guesses_classes());
  return classifier;
}

Result<PictureInput> create_picture_input(const Graph& graph, const PictureOptions& pictures) {
  SYNSIGHT_TRY_ASSIGN(PictureInput input,
                      PictureInput::create(graph, pictures.preset, pictures.overrides));
  note_guess(input.guess(), !input.guess().empty(), false);
  return input;
}

Error in_file(const std::string& path, const Error& error) {
  return {error.code, concat({"\"", path, "\": ", error.message})};
}

}  // namespace synsight::cli
