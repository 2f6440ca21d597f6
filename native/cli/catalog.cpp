// SPDX-License-Identifier: Apache-2.0
#include "native/cli/catalog.h"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string_view>

#include "core/base/text.h"
#include "core/classifier/model_file.h"
#include "native/cli/json.h"
#include "native/cli/machine.h"
#include "native/cli/suggest.h"

namespace synsight::cli {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxCatalogBytes = size_t{1} << 24;

// A place where a catalog and models may be installed.
struct Place {
  fs::path catalog;
  fs::path models;
};

std::vector<Place> places() {
  std::vector<Place> found;
  const char* folder = std::getenv("SYNSIGHT_MODELS");
  if (folder != nullptr && *folder != '\0')
    found.push_back({fs::path(folder) / "catalog.json", folder});
  const fs::path share = program_folder().parent_path() / "share" / "synsight";
  found.push_back({share / "catalog.json", share / "models"});
  return found;
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

CatalogEntry parse_entry(const Json& json) {
  CatalogEntry entry;
  json.at("name").get_to(entry.name);
  json.at("title").get_to(entry.title);
  json.at("licence").get_to(entry.licence);
  json.at("parameters").get_to(entry.num_parameters);
  json.at("input").at("size").get_to(entry.input_size);
  json.at("published").at("top1").get_to(entry.published_top1);
  json.at("measured").at("top1").get_to(entry.measured_top1);
  json.at("measured").at("top5").get_to(entry.measured_top5);
  return entry;
}

Result<std::vector<CatalogEntry>> read_catalog_file(const fs::path& path) {
  SYNSIGHT_TRY_ASSIGN(const auto bytes, read_file(path.string(), kMaxCatalogBytes));
  std::vector<CatalogEntry> entries;
  try {
    const auto* begin = reinterpret_cast<const char*>(bytes.data());
    const Json catalog = Json::parse(begin, begin + bytes.size());
    for (const Json& model : catalog.at("models")) entries.push_back(parse_entry(model));
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"the catalog \"", path.string(), "\" is damaged: ", error.what()}));
  }
  return entries;
}

// The names that `--model` takes: those of the catalog, and files that are there without it.
std::vector<std::string> known_names() {
  std::vector<std::string> names;
  if (const auto catalog = read_catalog()) {
    for (const CatalogEntry& entry : *catalog) names.push_back(entry.name);
  }
  for (const Place& place : places()) {
    std::error_code error;
    for (fs::directory_iterator file(place.models, error), end; !error && file != end;
         file.increment(error)) {
      if (file->path().extension() == ".onnx") names.push_back(file->path().stem().string());
    }
  }
  return names;
}

}  // namespace

Result<std::vector<CatalogEntry>> read_catalog() {
  std::string looked_in;
  for (const Place& place : places()) {
    if (is_file(place.catalog)) return read_catalog_file(place.catalog);
    looked_in += (looked_in.empty() ? "" : " and ") + place.catalog.string();
  }
  return fail(ErrorCode::kIo, "there is no catalog of models; looked for " + looked_in);
}

std::optional<std::string> find_installed(const std::string& name) {
  for (const Place& place : places()) {
    const fs::path file = place.models / (name + ".onnx");
    if (is_file(file)) return file.string();
  }
  return std::nullopt;
}

Result<std::string> find_model(const std::string& name_or_file) {
  if (name_or_file.find('/') != std::string::npos || name_or_file.ends_with(".onnx")) {
    return name_or_file;
  }
  if (auto file = find_installed(name_or_file)) return *std::move(file);
  if (is_file(name_or_file)) return name_or_file;
  const std::vector<std::string> names = known_names();
  const bool is_known = std::find(names.begin(), names.end(), name_or_file) != names.end();
  if (!is_known && !names.empty()) {
    return fail(ErrorCode::kIo,
                concat({"there is no model \"", name_or_file, "\"", suggestion(name_or_file, names),
                        " (`synsight models` lists the names; a file of that name is not here)"}));
  }
  return fail(ErrorCode::kIo,
              concat({"the model \"", name_or_file, "\" is not installed in ",
                      places().front().models.string(),
                      "; in the source tree, `make demo` makes the default model and ",
                      "`.venv/bin/python -m models convert ", name_or_file,
                      "` this one; or give a file: --model FILE.onnx"}));
}

}  // namespace synsight::cli
