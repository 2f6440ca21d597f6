// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace synsight::cli {

/// Where a command writes: standard output, or a file that appears under its name only once it is
/// complete. Until then it grows under another name beside it, which is removed on any failure.
class Output {
 public:
  /// Standard output.
  Output();
  ~Output();
  Output(Output&& other) noexcept;
  Output& operator=(Output&&) = delete;

  /// A file; `-` is standard output. One that is there is replaced; a device or a pipe is written
  /// straight away. Errors: kIo, naming the file.
  static Result<Output> open(const std::string& path);

  /// Writes the bytes; standard output shows them at once. Errors: kIo; kCancelled
  /// where its reader went away.
  Status write(std::string_view bytes);

  /// Ends a file and gives it its name; nothing on standard output. Errors: as of write.
  Status commit();

 private:
  Status failure() const;

  std::FILE* file_;
  std::string path_;            // empty: standard output
  std::string temporary_path_;  // empty: written straight away
};

/// Writes all of standard output at once. Errors: as of Output::write.
Status print(std::string_view text);

}  // namespace synsight::cli
