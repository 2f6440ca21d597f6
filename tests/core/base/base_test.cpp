// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>

#include "core/base/aligned_buffer.h"
#include "core/base/cancellation.h"
#include "core/base/checked.h"
#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/base/result.h"
#include "core/base/text.h"
#include "tests/support/expect.h"

namespace synsight::test {

namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(ErrorCode::kInvalidArgument, concat({number, " is odd"}));
  return number / 2;
}

Result<int> quarter(int number) {
  SYNSIGHT_TRY_ASSIGN(const int first, half(number));
  SYNSIGHT_TRY_ASSIGN(const int second, half(first));
  return second;
}

Status check_quarter(int number) {
  SYNSIGHT_TRY(quarter(number));
  return {};
}

std::string code_of(const Status& status) {
  return status ? "none" : std::string(error_code_name(status.error().code));
}

}  // namespace

TEST_CASE("errors pass through the macros with their code and message") {
  CHECK(expect(quarter(12)) == 3);
  CHECK(code_of(check_quarter(12)) == "none");
  const Status status = check_quarter(6);
  CHECK(code_of(status) == "invalid_argument");
  if (!status) CHECK(status.error().message == "3 is odd");
}

TEST_CASE("every error code has a name of its own") {
  std::set<std::string_view> names;
  int num_codes = 0;
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code, ++num_codes) {
    names.insert(error_code_name(static_cast<ErrorCode>(code)));
  }
  CHECK(names.size() == static_cast<size_t>(num_codes));
}

TEST_CASE("texts are joined from words and numbers") {
  const std::string word = "of";
  CHECK(concat({-3, " ", word, " ", uint64_t{18446744073709551615u}, " ", 0.5}) ==
        "-3 of 18446744073709551615 0.5");
  CHECK(concat({}) == "");
}

TEST_CASE("sums and products that do not fit are told") {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  CHECK(checked_mul<int64_t>(-3, 5) == -15);
  CHECK(checked_mul<int64_t>(kMax, 1) == kMax);
  CHECK(!checked_mul<int64_t>(kMax, 2));
  CHECK(!checked_mul<int64_t>(kMin, -1));
  CHECK(!checked_mul<size_t>(SIZE_MAX, 2));
  CHECK(checked_add<int64_t>(kMax, -1) == kMax - 1);
  CHECK(!checked_add<int64_t>(kMax, 1));
  CHECK(!checked_add<int64_t>(kMin, -1));
  CHECK(!checked_add<size_t>(SIZE_MAX, 1));
}

TEST_CASE("buffers are aligned and have zeroed slack behind them") {
  for (const size_t size : {0, 1, 63, 64, 1000, 2 << 20, (6 << 20) + 1}) {
    const AlignedBuffer buffer = expect(AlignedBuffer::allocate(size));
    CHECK(buffer.size() == size);
    CHECK(reinterpret_cast<uintptr_t>(buffer.data()) % kBufferAlignment == 0);
    int num_set = 0;
    for (size_t i = size; i < size + kBufferSlackBytes; ++i) {
      num_set += buffer.data()[i] != std::byte{0};
    }
    CHECK(num_set == 0);
  }
}

TEST_CASE("memory that cannot be had is an error") {
  for (const size_t size : {SIZE_MAX, SIZE_MAX - kBufferSlackBytes, SIZE_MAX - 4096}) {
    const auto buffer = AlignedBuffer::allocate(size);
    CHECK(!buffer.has_value());
    if (!buffer) CHECK(error_code_name(buffer.error().code) == "out_of_memory");
  }
}

TEST_CASE("more memory than is free is refused before it is taken, with both sizes") {
  CHECK(check_memory("a run", 0).has_value());
  CHECK(check_memory("a run", 64e6).has_value());
  const Status status = check_memory("a run", 7.5e18);
  const double available = available_memory();
  CHECK(available > 0);
  if (std::isinf(available)) return;  // the system does not say
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().message.starts_with("a run needs 7500000000.0 GB, "));
  CHECK(status.error().message.ends_with(" of memory are free"));
  const auto buffer = AlignedBuffer::allocate(static_cast<size_t>(available) + (size_t{1} << 28));
  REQUIRE_FALSE(buffer.has_value());
  CHECK(error_code_name(buffer.error().code) == "out_of_memory");
  CHECK(buffer.error().message.ends_with(" of memory are free"));
}

TEST_CASE("a raised flag or a passed deadline stops a run") {
  CancelFlag flag;
  const Deadline past = Clock::now() - std::chrono::seconds(1);
  const Deadline future = Clock::now() + std::chrono::hours(1);
  CHECK(code_of(check_may_continue(nullptr, std::nullopt)) == "none");
  CHECK(code_of(check_may_continue(&flag, future)) == "none");
  CHECK(code_of(check_may_continue(&flag, past)) == "deadline_exceeded");
  flag.cancel();
  CHECK(code_of(check_may_continue(&flag, future)) == "cancelled");
  flag.reset();
  CHECK(code_of(check_may_continue(&flag, future)) == "none");
}

}  // namespace synsight::test
