// SPDX-License-Identifier: Apache-2.0
#include "core/classifier/model_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "core/base/text.h"
#include "core/onnx/reader.h"

namespace synsight {

namespace {

namespace fs = std::filesystem;

constexpr size_t kPieceBytes = size_t{1} << 20;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

tl::unexpected<Error> fail_file(const std::string& path, std::string_view what) {
  return fail(ErrorCode::kIo, concat({"\"", path, "\" ", what}));
}

// The error with the file that it was found in.
tl::unexpected<Error> in_file(const std::string& path, const Error& error) {
  return fail(error.code, concat({"\"", path, "\": ", error.message}));
}

// Only a regular file is opened: reading a folder fails late, reading a pipe may never end.
Result<File> open_regular(const std::string& path, const fs::file_status& status) {
  switch (status.type()) {
    case fs::file_type::regular:
      break;
    case fs::file_type::not_found:
      return fail_file(path, "does not exist");
    case fs::file_type::directory:
      return fail_file(path, "is a folder, wanted a file");
    case fs::file_type::symlink:
      return fail_file(path, "is a symbolic link, wanted the file itself");
    case fs::file_type::none:
      return fail_file(path, "cannot be looked up");
    default:
      return fail_file(path, "is not a regular file");
  }
  errno = 0;
  File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    return fail_file(path, concat({"cannot be opened: ", std::strerror(errno)}));
  }
  return file;
}

Result<File> open_file(const std::string& path) {
  std::error_code error;
  return open_regular(path, fs::status(path, error));
}

// For external data, whose name comes from the model: a link could lead anywhere.
Result<File> open_file_not_link(const std::string& path) {
  std::error_code error;
  return open_regular(path, fs::symlink_status(path, error));
}

// The file's next bytes, at most a buffer full; none at its end.
Result<std::span<const std::byte>> read_piece(std::FILE* file, const std::string& path,
                                              std::span<std::byte> buffer) {
  const size_t size = std::fread(buffer.data(), 1, buffer.size(), file);
  if (size == 0 && std::ferror(file) != 0) return fail_file(path, "cannot be read to its end");
  return buffer.first(size);
}

Status feed_model(onnx::Reader& reader, const std::string& path, std::span<std::byte> buffer) {
  SYNSIGHT_TRY_ASSIGN(const File file, open_file(path));
  for (;;) {
    SYNSIGHT_TRY_ASSIGN(const auto piece, read_piece(file.get(), path, buffer));
    if (piece.empty()) return {};
    if (auto status = reader.feed(piece); !status) return in_file(path, status.error());
  }
}

Status feed_external(onnx::Reader& reader, const std::string& name, const std::string& path,
                     std::span<std::byte> buffer) {
  SYNSIGHT_TRY_ASSIGN(const File file, open_file_not_link(path));
  for (;;) {
    SYNSIGHT_TRY_ASSIGN(const auto piece, read_piece(file.get(), path, buffer));
    if (piece.empty()) return {};
    SYNSIGHT_TRY(reader.feed_external(name, piece));
  }
}

}  // namespace

Result<Graph> read_model_file(const std::string& path) {
  std::vector<std::byte> buffer(kPieceBytes);
  onnx::Reader reader;
  SYNSIGHT_TRY(feed_model(reader, path, buffer));
  const auto names = reader.external_files();
  if (!names) return in_file(path, names.error());
  for (const std::string& name : *names) {
    const std::string external_path = (fs::path(path).parent_path() / name).string();
    if (auto status = feed_external(reader, name, external_path, buffer); !status) {
      return in_file(path,
                     {status.error().code, concat({"external data: ", status.error().message})});
    }
  }
  auto graph = reader.finish();
  if (!graph) return in_file(path, graph.error());
  return graph;
}

Result<std::vector<std::byte>> read_file(const std::string& path, size_t max_bytes) {
  SYNSIGHT_TRY_ASSIGN(const File file, open_file(path));
  std::vector<std::byte> buffer(kPieceBytes);
  std::vector<std::byte> bytes;
  for (;;) {
    SYNSIGHT_TRY_ASSIGN(const auto piece, read_piece(file.get(), path, buffer));
    if (piece.empty()) return bytes;
    if (piece.size() > max_bytes - bytes.size()) {
      return fail_file(path, concat({"is larger than ", max_bytes, " bytes"}));
    }
    bytes.insert(bytes.end(), piece.begin(), piece.end());
  }
}

}  // namespace synsight
