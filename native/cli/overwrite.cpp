// SPDX-License-Identifier: Apache-2.0
#include "native/cli/overwrite.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <string_view>

#include "core/base/text.h"
#include "core/classifier/model_file.h"
#include "core/onnx/reader.h"
#include "native/cli/catalog.h"

namespace synsight::cli {

namespace {

namespace fs = std::filesystem;

// One file under two names: the same device and inode.
bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error);
}

// Whether the file `name` beside the model holds external data of it; no where it cannot be read.
bool is_external_data(const std::string& name, const std::string& model) {
  const auto bytes = read_file(model, std::numeric_limits<size_t>::max());
  if (!bytes) return false;
  // A quick look for the name, before all weights are read for it.
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  if (text.find(name) == std::string_view::npos) return false;
  onnx::Reader reader;
  if (!reader.feed(*bytes)) return false;
  const auto names = reader.external_files();
  return names && std::find(names->begin(), names->end(), name) != names->end();
}

}  // namespace

Status check_keeps_inputs(const std::string& output, std::span<const std::string> inputs,
                          const std::string& model) {
  std::error_code error;
  // Nothing there that could be lost.
  if (output == "-" || !fs::is_regular_file(output, error)) return {};
  const auto refused = [&](std::string_view what, const fs::path& file) {
    return fail(ErrorCode::kInvalidArgument, concat({"the output \"", output, "\" would replace ",
                                                     what, " \"", file.string(), "\""}));
  };
  for (const std::string& input : inputs) {
    if (is_same_file(output, input == "-" ? "/dev/stdin" : input))
      return refused("the input", input);
  }
  const auto model_file = find_model(model);
  if (!model_file) return {};  // loading it says why
  if (is_same_file(output, *model_file)) return refused("the model", *model_file);
  const fs::path target = fs::canonical(output, error);
  const fs::path folder = fs::absolute(*model_file, error).parent_path();
  if (is_same_file(target.parent_path(), folder) &&
      is_external_data(target.filename().string(), *model_file)) {
    return refused("the model's external data", target);
  }
  return {};
}

}  // namespace synsight::cli
