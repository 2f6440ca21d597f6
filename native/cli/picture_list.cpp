// SPDX-License-Identifier: Apache-2.0
#include "native/cli/picture_list.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "core/base/text.h"
#include "core/classifier/model_file.h"

namespace synsight::cli {

namespace {

namespace fs = std::filesystem;

// More than any picture within the decoder's bound on pixels needs.
constexpr size_t kMaxPictureBytes = size_t{1} << 30;

constexpr std::array<std::string_view, 5> kExtensions = {".jpg", ".jpeg", ".png", ".bmp", ".gif"};

bool has_picture_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

void add_folder(const std::string& folder, std::vector<Picture>& pictures) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;  // what cannot be looked at is no file to list
    if (has_picture_extension(entry->path()) && entry->is_regular_file(ignored)) {
      files.push_back(entry->path().string());
    }
  }
  std::sort(files.begin(), files.end());
  for (std::string& file : files) pictures.push_back({std::move(file), {}});
  if (error) {
    pictures.push_back({folder, fail(ErrorCode::kIo, concat({"cannot read the folder \"", folder,
                                                             "\": ", error.message()}))});
  } else if (files.empty()) {
    pictures.push_back(
        {folder,
         fail(ErrorCode::kIo, concat({"the folder \"", folder,
                                      "\" has no pictures (.jpg, .jpeg, .png, .bmp, .gif)"}))});
  }
}

// Waits for standard input in short turns, so that Ctrl-C is seen on whatever thread this is.
Result<std::vector<std::byte>> read_standard_input(const CancelFlag& cancel) {
  constexpr int kTurnMs = 100;
  std::vector<std::byte> bytes;
  std::array<std::byte, 65536> piece;
  while (true) {
    SYNSIGHT_TRY(check_may_continue(&cancel, {}));
    pollfd input = {STDIN_FILENO, POLLIN, 0};
    if (::poll(&input, 1, kTurnMs) == 0) continue;
    const ssize_t count = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return fail(ErrorCode::kIo, concat({"cannot read standard input: ", std::strerror(errno)}));
    }
    if (count == 0) return bytes;
    bytes.insert(bytes.end(), piece.begin(), piece.begin() + count);
    if (bytes.size() > kMaxPictureBytes) {
      return fail(ErrorCode::kIo, concat({"standard input has more than ", kMaxPictureBytes,
                                          " bytes, too many for a picture"}));
    }
  }
}

}  // namespace

std::vector<Picture> list_pictures(std::span<const std::string> arguments) {
  std::vector<Picture> pictures;
  for (const std::string& argument : arguments) {
    std::error_code error;
    if (argument != "-" && fs::is_directory(argument, error)) {
      add_folder(argument, pictures);
    } else {
      pictures.push_back({argument, {}});
    }
  }
  return pictures;
}

Result<std::vector<std::byte>> read_picture(const Picture& picture, const CancelFlag& cancel) {
  SYNSIGHT_TRY(picture.status);
  if (picture.path == "-") return read_standard_input(cancel);
  return read_file(picture.path, kMaxPictureBytes);
}

}  // namespace synsight::cli
