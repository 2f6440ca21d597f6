// SPDX-License-Identifier: Apache-2.0
#include "core/base/memory.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "core/base/text.h"

namespace synsight {

namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

#if defined(__linux__)

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// What follows `key` in the line of the file that begins with it.
std::optional<std::string> read_line(const std::string& path, std::string_view key) {
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "r"));
  char buffer[4096];
  while (file != nullptr && std::fgets(buffer, sizeof buffer, file.get()) != nullptr) {
    const std::string_view line = buffer;
    if (!line.starts_with(key)) continue;
    return std::string(line.substr(key.size(), line.find('\n') - key.size()));
  }
  return std::nullopt;
}

/// The number there; nothing where another word stands, such as `max`.
std::optional<double> read_number(const std::string& path, std::string_view key = {}) {
  const std::optional<std::string> text = read_line(path, key);
  if (!text) return std::nullopt;
  char* end = nullptr;
  const double number = std::strtod(text->c_str(), &end);
  return end == text->c_str() ? std::nullopt : std::optional(number);
}

double available_in_machine() {
  constexpr double kUnit = 1024;
  const std::optional<double> free = read_number("/proc/meminfo", "MemAvailable:");
  if (!free) return kUnlimited;
  return kUnit * (*free + read_number("/proc/meminfo", "SwapFree:").value_or(0));
}

/// What a control group (version 2) still grants; cached files do not count, they give way.
double available_in_group(const std::string& folder) {
  const std::optional<double> limit = read_number(folder + "/memory.max");
  const std::optional<double> used = read_number(folder + "/memory.current");
  if (!limit || !used) return kUnlimited;
  const double cached = read_number(folder + "/memory.stat", "inactive_file ").value_or(0) +
                        read_number(folder + "/memory.stat", "active_file ").value_or(0);
  return std::max(*limit - *used + cached, 0.0);
}

/// The least that this process's group and those above it grant.
double available_in_groups() {
  std::string group = read_line("/proc/self/cgroup", "0::").value_or("");
  double least = kUnlimited;
  while (true) {
    least = std::min(least, available_in_group("/sys/fs/cgroup" + group));
    if (group.empty()) return least;
    group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
}

#endif

std::string size_text(double size_bytes) {
  char buffer[32];
  const bool is_large = size_bytes >= 1e9;
  std::snprintf(buffer, sizeof buffer, is_large ? "%.1f GB" : "%.0f MB",
                size_bytes / (is_large ? 1e9 : 1e6));
  return buffer;
}

}  // namespace

double available_memory() {
#if defined(__linux__)
  return std::min(available_in_machine(), available_in_groups());
#else
  return kUnlimited;
#endif
}

Status check_memory(std::string_view what, double size_bytes) {
  constexpr double kAlwaysBytes = 64.0 * 1024 * 1024;
  if (size_bytes < kAlwaysBytes) return {};
  const double available = available_memory();
  if (size_bytes <= available) return {};
  return fail(ErrorCode::kOutOfMemory, concat({what, " needs ", size_text(size_bytes), ", ",
                                               size_text(available), " of memory are free"}));
}

}  // namespace synsight
