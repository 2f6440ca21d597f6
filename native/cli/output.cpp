// SPDX-License-Identifier: Apache-2.0
#include "native/cli/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "core/base/text.h"

namespace synsight::cli {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> cannot_write(const std::string& path, int error_number) {
  return fail(ErrorCode::kIo,
              concat({"cannot write \"", path, "\": ", std::strerror(error_number)}));
}

// A new file beside `target` that nobody else uses.
Result<int> create_beside(const fs::path& target, std::string& temporary_path) {
  for (int attempt = 0;; ++attempt) {
    const std::string name = concat({".", target.filename().string(), ".", getpid(), "-", attempt});
    temporary_path = (target.parent_path() / name).string();
    const int descriptor = ::open(temporary_path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (descriptor >= 0) return descriptor;
    if (errno != EEXIST || attempt == 100) return cannot_write(target.string(), errno);
  }
}

}  // namespace

Output::Output() : file_(stdout) {}

Output::Output(Output&& other) noexcept
    : file_(std::exchange(other.file_, nullptr)),
      path_(std::move(other.path_)),
      temporary_path_(std::exchange(other.temporary_path_, {})) {}

Output::~Output() {
  if (file_ != nullptr && !path_.empty()) std::fclose(file_);
  if (!temporary_path_.empty()) ::unlink(temporary_path_.c_str());
}

Result<Output> Output::open(const std::string& path) {
  Output output;
  if (path == "-") return output;
  output.file_ = nullptr;
  // Behind a symbolic link, the file that it names is replaced, not the link.
  std::error_code error;
  fs::path target = fs::weakly_canonical(path, error);
  if (error) target = path;
  output.path_ = target.string();
  const fs::file_status status = fs::status(target, error);
  if (fs::is_directory(status) || !target.has_filename()) return cannot_write(path, EISDIR);
  const bool exists = fs::exists(status);
  if (exists && ::access(output.path_.c_str(), W_OK) != 0) return cannot_write(path, errno);
  if (exists && !fs::is_regular_file(status)) {
    output.file_ = std::fopen(output.path_.c_str(), "wb");
  } else {
    SYNSIGHT_TRY_ASSIGN(const int descriptor, create_beside(target, output.temporary_path_));
    output.file_ = ::fdopen(descriptor, "wb");
  }
  if (output.file_ == nullptr) return cannot_write(path, errno);
  return output;
}

Status Output::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) return failure();
  if (path_.empty() && std::fflush(file_) != 0) return failure();
  return {};
}

Status Output::commit() {
  if (path_.empty()) return {};
  if (std::fclose(std::exchange(file_, nullptr)) != 0) return failure();
  if (temporary_path_.empty()) return {};
  if (::rename(temporary_path_.c_str(), path_.c_str()) != 0) return failure();
  temporary_path_.clear();
  return {};
}

Status Output::failure() const {
  if (errno == EPIPE) return fail(ErrorCode::kCancelled, "nobody reads the output any more");
  if (!path_.empty()) return cannot_write(path_, errno);
  return fail(ErrorCode::kIo,
              concat({"standard output cannot be written: ", std::strerror(errno)}));
}

Status print(std::string_view text) { return Output().write(text); }

}  // namespace synsight::cli
