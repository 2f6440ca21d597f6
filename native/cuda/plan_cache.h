// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace synsight::cuda {

/// Plans that were chosen before, by what they are plans for, and the file that keeps them from one
/// run of a program to the next. The file must come from where nobody else writes: whoever reads a
/// plan trusts it, and checksums find accidents only.
///
/// The file: kPlanFileMagic, then entries of the lengths of key and plan (u32), the checksum
/// (u64) of both lengths, key and plan, the key, the plan. Numbers are little-endian. Another
/// version of the format has another magic.
class PlanCache {
 public:
  /// The plan for a key, or null; valid until the next `put`.
  const std::vector<std::byte>* find(std::string_view key) const;

  /// Adds or replaces a plan. One that is too large for the file is not kept.
  void put(std::string_view key, std::vector<std::byte> plan);

  /// Whether anything was put since it was read or saved.
  bool is_changed() const { return is_changed_; }
  size_t size() const { return plans_.size(); }

  /// The file's bytes.
  std::vector<std::byte> to_bytes() const;
  /// What the bytes hold up to the first damage; nothing where they are no such file.
  static PlanCache from_bytes(std::span<const std::byte> bytes);

  /// What the file holds; nothing where there is none or it cannot be read.
  static PlanCache read(const std::string& path);
  /// Writes a file beside it and puts that in its place, with what others saved there since.
  /// Errors: kIo.
  Status save(const std::string& path);

 private:
  std::map<std::string, std::vector<std::byte>, std::less<>> plans_;
  bool is_changed_ = false;
};

/// What a file of plans begins with: its kind and the version of its format.
inline constexpr std::string_view kPlanFileMagic = "synsight plans 1\n";

/// CRC-64 as xz computes it: differs wherever two inputs of one length differ in a single run of at
/// most 64 bits. `state`: of what comes before. Source: ECMA-182, annex B, reflected.
uint64_t checksum(std::span<const std::byte> bytes, uint64_t state = 0);

}  // namespace synsight::cuda
