// SPDX-License-Identifier: Apache-2.0
#include "core/capi/options.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

#include "core/backend/reference/reference_backend.h"
#include "core/backend/xnnpack/xnnpack_backend.h"
#include "core/base/text.h"
#include "core/image/input_spec.h"

namespace synsight::capi {

namespace {

constexpr size_t kMaxThreads = 256;
constexpr std::string_view kAutomaticBackends = "xnnpack,reference";

std::unique_ptr<const Backend> make_backend(std::string_view name) {
  if (name == "xnnpack") return std::make_unique<XnnpackBackend>();
  if (name == "reference") return std::make_unique<ReferenceBackend>();
  return nullptr;
}

Status set_backends(Options& options, std::string_view names) {
  if (names == "auto") names = kAutomaticBackends;
  options.backends.clear();
  for (;;) {
    const size_t comma = names.find(',');
    const std::string_view name = names.substr(0, comma);
    std::unique_ptr<const Backend> backend = make_backend(name);
    if (backend == nullptr) {
      return fail(ErrorCode::kInvalidArgument,
                  concat({"there is no backend \"", name, "\", only xnnpack, reference and auto"}));
    }
    options.backends.push_back(std::move(backend));
    if (comma == std::string_view::npos) return {};
    names.remove_prefix(comma + 1);
  }
}

Result<size_t> read_count(std::string_view key, std::string_view text, size_t max) {
  size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count == 0 || count > max) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"option ", key, " is \"", text, "\", wanted a number from 1 to ", max}));
  }
  return count;
}

bool is_input_spec_key(std::string_view key) {
  const auto& keys = image::kInputSpecKeys;
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

Status set_option(Options& options, std::string_view key, std::string_view value,
                  OptionsFor purpose) {
  if (key == "backends") return set_backends(options, value);
  if (key == "threads") {
    SYNSIGHT_TRY_ASSIGN(const size_t count, read_count(key, value, kMaxThreads));
    options.num_threads = static_cast<int>(count);
    return {};
  }
  const bool takes_pictures = purpose == OptionsFor::kClassifier;
  if (takes_pictures && key == "max_pixels") {
    SYNSIGHT_TRY_ASSIGN(options.decode.max_pixels,
                        read_count(key, value, std::numeric_limits<size_t>::max()));
    return {};
  }
  if (takes_pictures && key == "preset") {
    options.preset = value;
    return {};
  }
  if (takes_pictures && key == "classes") {
    options.classes = value;
    return {};
  }
  if (takes_pictures && is_input_spec_key(key)) {
    options.overrides.emplace_back(key, value);
    return {};
  }
  return fail(ErrorCode::kInvalidArgument, concat({"a ", takes_pictures ? "classifier" : "session",
                                                   " has no option \"", key, "\""}));
}

}  // namespace

SessionOptions Options::session_options() const {
  SessionOptions options;
  for (const auto& backend : backends) options.backends.push_back(backend.get());
  options.compile.num_threads = num_threads;
  return options;
}

ClassifierOptions Options::classifier_options() const {
  return {session_options(), preset, overrides, classes};
}

Result<Options> read_options(const char* const* pairs, OptionsFor purpose) {
  Options options;
  SYNSIGHT_TRY(set_backends(options, "auto"));
  for (; pairs != nullptr && pairs[0] != nullptr; pairs += 2) {
    if (pairs[1] == nullptr) {
      return fail(ErrorCode::kInvalidArgument, concat({"option ", pairs[0], " has no value"}));
    }
    SYNSIGHT_TRY(set_option(options, pairs[0], pairs[1], purpose));
  }
  return options;
}

}  // namespace synsight::capi
