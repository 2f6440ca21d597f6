// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/base/cancellation.h"

namespace synsight::cli {

/// A bar on stderr, where that is a terminal and there is more than one picture.
class Progress {
 public:
  explicit Progress(size_t num_pictures);
  ~Progress() { hide(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Shows that one more picture is done.
  void advance();

  /// Takes the bar away before other lines are written; `advance` shows it again.
  void hide();

 private:
  const size_t num_pictures_;
  const bool is_enabled_;
  const Clock::time_point start_;
  size_t num_done_ = 0;
  bool is_shown_ = false;
};

}  // namespace synsight::cli
