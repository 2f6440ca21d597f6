// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "core/base/error.h"

namespace synsight {

/// A value or an Error. Ignoring one is a compiler warning.
template <typename T>
using Result = tl::expected<T, Error>;

/// Success or an Error.
using Status = Result<void>;

/// The failing half of a Result: `return fail(ErrorCode::kIo, "...");`
inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace synsight

#define SYNSIGHT_CONCAT_INNER(a, b) a##b
#define SYNSIGHT_CONCAT(a, b) SYNSIGHT_CONCAT_INNER(a, b)

/// Returns the Error of a Status or Result from the enclosing function.
#define SYNSIGHT_TRY(expr)                                             \
  do {                                                                 \
    if (auto&& synsight_try = (expr); !synsight_try) {                 \
      return tl::unexpected<::synsight::Error>(                        \
          std::forward<decltype(synsight_try)>(synsight_try).error()); \
    }                                                                  \
  } while (false)

/// Assigns a Result's value to `lhs` (which may declare a variable) or returns its Error.
#define SYNSIGHT_TRY_ASSIGN(lhs, expr) \
  SYNSIGHT_TRY_ASSIGN_INNER(SYNSIGHT_CONCAT(synsight_result_, __LINE__), lhs, expr)
#define SYNSIGHT_TRY_ASSIGN_INNER(result, lhs, expr)                     \
  auto result = (expr);                                                  \
  if (!result) {                                                         \
    return tl::unexpected<::synsight::Error>(std::move(result).error()); \
  }                                                                      \
  lhs = *std::move(result)
