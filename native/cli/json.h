// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace synsight::cli {

/// JSON whose objects keep their order and whose numbers are f32, so that they print with the few
/// digits that give the same f32 back. What is not finite prints as `null`.
using Json = nlohmann::basic_json<nlohmann::ordered_map, std::vector, std::string, bool,
                                  std::int64_t, std::uint64_t, float>;

/// The value on one line. Bytes that are not UTF-8 are replaced by U+FFFD.
inline std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace synsight::cli
