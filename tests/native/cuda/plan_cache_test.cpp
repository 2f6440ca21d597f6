// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/plan_cache.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/expect.h"

namespace synsight::cuda {

namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

PlanCache make_cache() {
  PlanCache cache;
  cache.put("first", bytes_of("plan of the first"));
  cache.put("second", bytes_of(std::string_view("\0\xff\n", 3)));
  cache.put("third, without a plan", {});
  return cache;
}

/// How many of make_cache's plans it has; it must have no others.
size_t count_known(const PlanCache& cache) {
  const PlanCache whole = make_cache();
  size_t num_known = 0;
  for (const char* key : {"first", "second", "third, without a plan"}) {
    const auto* plan = cache.find(key);
    if (plan == nullptr) continue;
    CHECK(*plan == *whole.find(key));
    ++num_known;
  }
  CHECK(cache.size() == num_known);
  return num_known;
}

/// A folder that is gone with it.
struct Folder {
  std::filesystem::path path;

  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "plans-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(path, error);
  }

  std::string file(const char* name) const { return (path / name).string(); }
  auto num_files() const {
    return std::distance(std::filesystem::directory_iterator(path),
                         std::filesystem::directory_iterator());
  }
};

}  // namespace

TEST_CASE("the checksum is xz's") {
  // Source: the check value of CRC-64/XZ in Greg Cook's catalogue of parametrised CRC algorithms.
  CHECK(checksum(bytes_of("123456789")) == 0x995dc9bbdf1939fa);
  CHECK(checksum(bytes_of("56789"), checksum(bytes_of("1234"))) == 0x995dc9bbdf1939fa);
}

TEST_CASE("plans come back as they were put") {
  PlanCache cache = make_cache();
  CHECK(cache.is_changed());
  CHECK(count_known(PlanCache::from_bytes(cache.to_bytes())) == 3);
  CHECK(!PlanCache::from_bytes(cache.to_bytes()).is_changed());
  cache.put("first", bytes_of("a better one"));
  const PlanCache read = PlanCache::from_bytes(cache.to_bytes());
  REQUIRE(read.find("first") != nullptr);
  CHECK(*read.find("first") == bytes_of("a better one"));
  CHECK(read.find("fir") == nullptr);
}

TEST_CASE("of a file that ends early, what is whole is kept") {
  const std::vector<std::byte> bytes = make_cache().to_bytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK(count_known(PlanCache::from_bytes(std::span(bytes).first(size))) < 3);
  }
}

TEST_CASE("of a file with a wrong byte, what comes before is kept") {
  const std::vector<std::byte> bytes = make_cache().to_bytes();
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int change = 1; change < 256; ++change) {
      std::vector<std::byte> damaged = bytes;
      damaged[at] ^= static_cast<std::byte>(change);
      const size_t num_known = count_known(PlanCache::from_bytes(damaged));
      if (num_known >= 3) FAIL("the change " << change << " at " << at << " was not seen");
    }
  }
}

TEST_CASE("a file is written beside and put in its place") {
  const Folder folder;
  const std::string path = folder.file("plans");
  CHECK(PlanCache::read(path).size() == 0);
  PlanCache cache = make_cache();
  test::expect(cache.save(path));
  CHECK(!cache.is_changed());
  CHECK(count_known(PlanCache::read(path)) == 3);
  PlanCache other;
  other.put("another's", bytes_of("x"));
  test::expect(other.save(path));
  CHECK(PlanCache::read(path).size() == 4);
  CHECK(folder.num_files() == 1);
}

TEST_CASE("a foreign file is no file of plans, and is replaced") {
  const Folder folder;
  const std::string path = folder.file("plans");
  std::ofstream(path) << "something else entirely, and long enough to be mistaken for an entry";
  CHECK(PlanCache::read(path).size() == 0);
  test::expect(make_cache().save(path));
  CHECK(count_known(PlanCache::read(path)) == 3);
}

TEST_CASE("a file that cannot be written is told, and leaves nothing behind") {
  const Folder folder;
  const Status nowhere = make_cache().save(folder.file("no folder/plans"));
  REQUIRE(!nowhere);
  CHECK(nowhere.error().code == ErrorCode::kIo);
  CHECK(nowhere.error().message.find("no folder/plans") != std::string::npos);

  std::filesystem::create_directories(folder.path / "taken" / "by a folder");
  CHECK(PlanCache::read(folder.file("taken")).size() == 0);
  const Status taken = make_cache().save(folder.file("taken"));
  REQUIRE(!taken);
  CHECK(taken.error().code == ErrorCode::kIo);
  CHECK(folder.num_files() == 1);
}

}  // namespace synsight::cuda
