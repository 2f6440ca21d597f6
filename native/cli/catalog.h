// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace synsight::cli {

/// One network of models/catalog.json. Accuracies are percentages.
struct CatalogEntry {
  std::string name;
  std::string title;
  std::string licence;
  size_t num_parameters = 0;
  size_t input_size = 0;  // pixels a side
  float published_top1 = 0;
  float measured_top1 = 0;
  float measured_top5 = 0;
};

/// The catalog in the folder that SYNSIGHT_MODELS names, or else in share/synsight beside the
/// program's folder. Errors: kIo, kInvalidArgument for a damaged one.
Result<std::vector<CatalogEntry>> read_catalog();

/// The file of the model `name`, in the same two places; nothing where it is not installed.
std::optional<std::string> find_installed(const std::string& name);

/// The file that `--model` means: a file as it is (anything with a separator, or ending in .onnx),
/// or a name, or else any other file that is there. Errors: kIo for a name that is not installed,
/// saying how to make it, or what name could have been meant.
Result<std::string> find_model(const std::string& name_or_file);

}  // namespace synsight::cli
