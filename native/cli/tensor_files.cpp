// SPDX-License-Identifier: Apache-2.0
#include "native/cli/tensor_files.h"

#include <filesystem>
#include <set>
#include <system_error>

#include "core/base/text.h"
#include "core/tensor/convert.h"
#include "native/cli/npy.h"
#include "native/cli/overwrite.h"

namespace synsight::cli {

namespace {

namespace fs = std::filesystem;

// A value's name as a plain file's name.
std::string file_name(std::string value_name) {
  for (char& c : value_name) {
    if (c == '/' || c == '\0') c = '_';
  }
  return value_name + ".npy";
}

}  // namespace

OutputFolder::~OutputFolder() {
  std::error_code error;
  if (!made_path_.empty()) fs::remove(made_path_, error);
}

Result<OutputFolder> OutputFolder::make(const std::string& path) {
  OutputFolder folder;
  std::error_code error;
  if (fs::is_directory(path, error)) return folder;
  if (!fs::create_directory(path, error)) {
    return fail(ErrorCode::kIo,
                concat({"cannot make the folder \"", path, "\": ", error.message()}));
  }
  folder.made_path_ = path;
  return folder;
}

Result<TensorFiles> TensorFiles::open(const std::string& target, std::span<const std::string> names,
                                      std::span<const std::string> inputs,
                                      const std::string& model) {
  const auto open_file = [&](const std::string& path) -> Result<Output> {
    SYNSIGHT_TRY(check_keeps_inputs(path, inputs, model));
    return Output::open(path);
  };
  std::error_code error;
  if (names.size() == 1 && !target.ends_with('/') && !fs::is_directory(target, error)) {
    SYNSIGHT_TRY_ASSIGN(Output file, open_file(target));
    TensorFiles opened;
    opened.files.push_back(std::move(file));
    return opened;
  }
  if (target == "-") {
    return fail(ErrorCode::kInvalidArgument,
                concat({"there are ", names.size(),
                        " outputs, of which standard output takes only one; wanted a folder"}));
  }
  SYNSIGHT_TRY_ASSIGN(OutputFolder folder, OutputFolder::make(target));
  TensorFiles opened = {std::move(folder), {}};
  std::set<std::string> taken;
  for (const std::string& value_name : names) {
    const std::string name = file_name(value_name);
    if (!taken.insert(name).second) {
      return fail(ErrorCode::kInvalidArgument, concat({"two outputs would go to \"", name, "\""}));
    }
    SYNSIGHT_TRY_ASSIGN(Output file, open_file((fs::path(target) / name).string()));
    opened.files.push_back(std::move(file));
  }
  return opened;
}

Status TensorFiles::commit() {
  for (Output& file : files) SYNSIGHT_TRY(file.commit());
  return {};
}

DType file_dtype(DType dtype) { return dtype == DType::kBFloat16 ? DType::kFloat32 : dtype; }

Status write_tensor(Output& output, const Tensor& tensor) {
  SYNSIGHT_TRY(write_header(output, tensor.dtype(), tensor.shape()));
  return write_elements(output, tensor);
}

Status write_header(Output& output, DType dtype, const Shape& shape) {
  SYNSIGHT_TRY_ASSIGN(const std::string header, npy_header(file_dtype(dtype), shape));
  return output.write(header);
}

Status write_elements(Output& output, const Tensor& tensor) {
  if (tensor.dtype() != file_dtype(tensor.dtype())) {
    SYNSIGHT_TRY_ASSIGN(const Tensor converted, convert(tensor.view(), file_dtype(tensor.dtype())));
    return write_elements(output, converted);
  }
  return output.write({static_cast<const char*>(tensor.data()), tensor.size_bytes()});
}

}  // namespace synsight::cli
