// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/tensor/tensor.h"
#include "native/cli/output.h"

namespace synsight::cli {

/// A folder that is made where it is missing, and then removed again if it stays empty.
class OutputFolder {
 public:
  OutputFolder() = default;
  ~OutputFolder();
  OutputFolder(OutputFolder&& other) noexcept : made_path_(std::exchange(other.made_path_, {})) {}
  OutputFolder& operator=(OutputFolder&&) = delete;

  static Result<OutputFolder> make(const std::string& path);

 private:
  std::string made_path_;
};

/// The .npy files that a command writes, one for each of its tensors.
struct TensorFiles {
  OutputFolder folder;
  std::vector<Output> files;

  /// The file `target` or, where that is a folder or there are several `names`, a file called as
  /// each in that folder. Errors: kInvalidArgument where one is among `inputs` or the files of
  /// `model`, or two are the same; kIo.
  static Result<TensorFiles> open(const std::string& target, std::span<const std::string> names,
                                  std::span<const std::string> inputs, const std::string& model);

  Status commit();
};

/// NumPy has no bfloat16: such values are float32 in files.
DType file_dtype(DType dtype);

/// Writes a whole .npy file.
Status write_tensor(Output& output, const Tensor& tensor);

/// Writes what comes before the elements of a .npy file, and elements alone.
Status write_header(Output& output, DType dtype, const Shape& shape);
Status write_elements(Output& output, const Tensor& tensor);

}  // namespace synsight::cli
