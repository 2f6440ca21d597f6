// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/plan_cache.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <system_error>
#include <utility>

#include "core/base/text.h"

namespace synsight::cuda {

namespace {

/// A network of a hundred convolutions has a few megabytes of plans.
constexpr size_t kMaxFileBytes = size_t{256} << 20;
constexpr size_t kMaxPlanBytes = size_t{32} << 20;
constexpr size_t kEntryHeaderBytes = 16;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

constexpr std::array<uint64_t, 256> make_table() {
  constexpr uint64_t kPolynomial = 0xc96c5795d7870f42;
  std::array<uint64_t, 256> table{};
  for (uint64_t i = 0; i < table.size(); ++i) {
    uint64_t rest = i;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? kPolynomial : 0);
    table[i] = rest;
  }
  return table;
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

void append(std::vector<std::byte>& bytes, std::span<const std::byte> more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

void append_number(std::vector<std::byte>& bytes, uint64_t number, size_t num_bytes) {
  for (size_t i = 0; i < num_bytes; ++i) bytes.push_back(static_cast<std::byte>(number >> (8 * i)));
}

uint64_t read_number(std::span<const std::byte> bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < bytes.size(); ++i) number |= static_cast<uint64_t>(bytes[i]) << (8 * i);
  return number;
}

void append_entry(std::vector<std::byte>& bytes, std::string_view key,
                  std::span<const std::byte> plan) {
  const size_t begin = bytes.size();
  append_number(bytes, key.size(), 4);
  append_number(bytes, plan.size(), 4);
  uint64_t sum = checksum(std::span<const std::byte>(bytes).subspan(begin));
  sum = checksum(plan, checksum(bytes_of(key), sum));
  append_number(bytes, sum, 8);
  append(bytes, bytes_of(key));
  append(bytes, plan);
}

/// Nothing where there is no such file, or none that can be read.
std::vector<std::byte> read_file(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  std::vector<std::byte> bytes;
  if (file == nullptr) return bytes;
  std::array<std::byte, 65536> piece;
  while (const size_t count = std::fread(piece.data(), 1, piece.size(), file.get())) {
    append(bytes, std::span(piece).first(count));
    if (bytes.size() > kMaxFileBytes) return {};
  }
  if (std::ferror(file.get()) != 0) bytes.clear();
  return bytes;
}

tl::unexpected<Error> cannot_write(const std::string& path, int error_number) {
  return fail(ErrorCode::kIo,
              concat({path, ": cannot keep plans there: ", std::strerror(error_number)}));
}

Status write_file(const std::string& path, std::span<const std::byte> bytes) {
  File file(std::fopen(path.c_str(), "wbx"));  // x: a new one
  if (file == nullptr) return cannot_write(path, errno);
  if (std::fwrite(bytes.data(), 1, bytes.size(), file.get()) != bytes.size()) {
    return cannot_write(path, errno);
  }
  // What is still in the buffer may find the disk full.
  if (std::fclose(file.release()) != 0) return cannot_write(path, errno);
  return {};
}

}  // namespace

uint64_t checksum(std::span<const std::byte> bytes, uint64_t state) {
  static constexpr std::array<uint64_t, 256> kTable = make_table();
  state = ~state;
  for (const std::byte byte : bytes) {
    state = kTable[(state ^ static_cast<uint64_t>(byte)) & 0xff] ^ (state >> 8);
  }
  return ~state;
}

const std::vector<std::byte>* PlanCache::find(std::string_view key) const {
  const auto found = plans_.find(key);
  return found == plans_.end() ? nullptr : &found->second;
}

void PlanCache::put(std::string_view key, std::vector<std::byte> plan) {
  if (key.empty() || key.size() > kMaxPlanBytes || plan.size() > kMaxPlanBytes) return;
  plans_.insert_or_assign(std::string(key), std::move(plan));
  is_changed_ = true;
}

std::vector<std::byte> PlanCache::to_bytes() const {
  std::vector<std::byte> bytes;
  append(bytes, bytes_of(kPlanFileMagic));
  for (const auto& [key, plan] : plans_) {
    if (bytes.size() + kEntryHeaderBytes + key.size() + plan.size() > kMaxFileBytes) continue;
    append_entry(bytes, key, plan);
  }
  return bytes;
}

PlanCache PlanCache::from_bytes(std::span<const std::byte> bytes) {
  PlanCache cache;
  const auto magic = bytes_of(kPlanFileMagic);
  if (bytes.size() < magic.size() || std::memcmp(bytes.data(), magic.data(), magic.size()) != 0) {
    return cache;
  }
  bytes = bytes.subspan(magic.size());
  while (bytes.size() >= kEntryHeaderBytes) {
    const auto lengths = bytes.first(8);
    const uint64_t key_bytes = read_number(lengths.first(4));
    const uint64_t plan_bytes = read_number(lengths.last(4));
    const uint64_t sum = read_number(bytes.subspan(8, 8));
    bytes = bytes.subspan(kEntryHeaderBytes);
    if (key_bytes + plan_bytes > bytes.size()) break;
    const auto key = bytes.first(key_bytes);
    const auto plan = bytes.subspan(key_bytes, plan_bytes);
    if (checksum(plan, checksum(key, checksum(lengths))) != sum) break;
    cache.put({reinterpret_cast<const char*>(key.data()), key.size()},
              std::vector(plan.begin(), plan.end()));
    bytes = bytes.subspan(key_bytes + plan_bytes);
  }
  cache.is_changed_ = false;
  return cache;
}

PlanCache PlanCache::read(const std::string& path) { return from_bytes(read_file(path)); }

Status PlanCache::save(const std::string& path) {
  PlanCache saved = read(path);
  for (auto& [key, plan] : saved.plans_) plans_.try_emplace(key, std::move(plan));
  // Of another name in every process, so that two that save at once both leave a whole file.
  const std::string beside = concat({path, ".", std::random_device()(), ".new"});
  Status written = write_file(beside, to_bytes());
  std::error_code error;
  if (written) {
    std::filesystem::rename(beside, path, error);
    if (error) written = cannot_write(path, error.value());
  }
  if (!written) {
    std::filesystem::remove(beside, error);
    return written;
  }
  is_changed_ = false;
  return {};
}

}  // namespace synsight::cuda
