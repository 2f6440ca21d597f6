// SPDX-License-Identifier: Apache-2.0
#include "native/cli/progress.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace synsight::cli {

Progress::Progress(size_t num_pictures)
    : num_pictures_(num_pictures),
      is_enabled_(num_pictures > 1 && ::isatty(STDERR_FILENO) == 1),
      start_(Clock::now()) {}

void Progress::advance() {
  constexpr size_t kBarWidth = 30;
  ++num_done_;
  if (!is_enabled_) return;
  const std::string done(num_done_ * kBarWidth / num_pictures_, '#');
  const std::string left(kBarWidth - done.size(), '.');
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  std::fprintf(stderr, "\r[%s%s] %zu/%zu  %.1f pictures/s ", done.c_str(), left.c_str(), num_done_,
               num_pictures_, static_cast<double>(num_done_) / seconds);
  is_shown_ = true;
}

void Progress::hide() {
  if (!is_shown_) return;
  std::fputs("\r\x1b[K", stderr);  // to the line's begin, and erase it
  is_shown_ = false;
}

}  // namespace synsight::cli
