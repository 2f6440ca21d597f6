// SPDX-License-Identifier: Apache-2.0
#include "native/cli/machine.h"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <thread>

namespace synsight::cli {

namespace {

// The networks' layers are too small to gain from more.
constexpr int kMaxDefaultThreads = 16;

// The physical core of a logical one: all threads of a core have the same list of siblings.
std::string core_of(int cpu) {
  std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) +
                     "/topology/thread_siblings_list");
  std::string siblings;
  return std::getline(file, siblings) ? siblings : std::to_string(cpu);
}

}  // namespace

int default_num_threads() {
  std::set<std::string> cores;
  cpu_set_t usable;
  if (sched_getaffinity(0, sizeof usable, &usable) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &usable)) cores.insert(core_of(cpu));
    }
  }
  const size_t num_cores = cores.empty() ? std::thread::hardware_concurrency() : cores.size();
  return std::clamp(static_cast<int>(num_cores), 1, kMaxDefaultThreads);
}

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "";
}

std::vector<std::string> cpu_features() {
  std::vector<std::string> features;
#if defined(__x86_64__)
  const auto add = [&](const char* name, bool has) {
    if (has) features.push_back(name);
  };
  add("sse4.1", __builtin_cpu_supports("sse4.1"));
  add("avx", __builtin_cpu_supports("avx"));
  add("fma", __builtin_cpu_supports("fma"));
  add("avx2", __builtin_cpu_supports("avx2"));
  add("avx512f", __builtin_cpu_supports("avx512f"));
  add("avx512bw", __builtin_cpu_supports("avx512bw"));
  add("avx512dq", __builtin_cpu_supports("avx512dq"));
  add("avx512vl", __builtin_cpu_supports("avx512vl"));
#elif defined(__aarch64__)
  features.push_back("neon");
#endif
  return features;
}

std::filesystem::path program_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

}  // namespace synsight::cli
