// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/classifier/classifier.h"
#include "core/classifier/session.h"
#include "core/graph/graph.h"
#include "native/cli/context.h"

namespace synsight::cli {

inline constexpr const char* kDefaultModel = "efficientnet-lite0";

/// How a network runs: `--backend`, `--threads` and, where there may be a device, what it computes
/// with.
struct EngineOptions {
  std::string backend = "auto";
  std::string precision = "f16";   // of a device
  bool takes_all_devices = false;  // whether `--device all` may be said
  bool uses_all_devices = false;   // it was
  CompileOptions compile;
};

/// How pictures become tensors: `--max-pixels`, `--preset` and an option for each InputSpec field.
struct PictureOptions {
  size_t max_pixels = image::DecodeOptions().max_pixels;
  std::string preset;
  std::vector<std::pair<std::string, std::string>> overrides;
};

/// Adds the positional argument MODEL, a name or a file.
void add_model_argument(CLI::App& command, std::string& model);

/// Adds `--backend`, `--threads` and those of a device.
void add_engine_options(CLI::App& command, const Context& context, EngineOptions& options);

/// Adds `--threads` alone.
void add_threads_option(CLI::App& command, EngineOptions& options);

void add_picture_options(CLI::App& command, PictureOptions& options);

/// Reads a model by name or file. Errors name the file.
Result<Graph> load_graph(const std::string& model);

/// The options for each device where all are to compute, or else the options as they are.
std::vector<EngineOptions> engines_of(const EngineOptions& options, const Context& context);

/// What a session needs, with the backends that `--backend` names.
SessionOptions session_options(const Context& context, const EngineOptions& options);

/// Optimizes and compiles the graph, and says on stderr where another backend than the first runs
/// it.
Result<Session> create_session(Graph graph, const Context& context, const EngineOptions& options);

/// The same with what it takes to feed pictures and to name classes: those of the text file
/// `labels`, or else the model's. Says on stderr what was guessed, why, and what would settle it.
Result<Classifier> create_classifier(Graph graph, const Context& context,
                                     const EngineOptions& engine, const PictureOptions& pictures,
                                     const std::string& labels);

/// What feeds pictures alone; says on stderr what was guessed, too.
Result<PictureInput> create_picture_input(const Graph& graph, const PictureOptions& pictures);

/// The error with the file before its message, for those parts of the core that see only bytes.
Error in_file(const std::string& path, const Error& error);

}  // namespace synsight::cli
