// SPDX-License-Identifier: Apache-2.0
#include "core/graph/attributes.h"

#include <utility>

#include "core/base/text.h"

namespace synsight {

namespace {

template <typename T>
Result<const T*> find(const Node& node, std::string_view name, std::string_view kind) {
  const Attribute* attribute = node.find_attribute(name);
  if (attribute == nullptr) return nullptr;
  const T* value = std::get_if<T>(&attribute->value);
  if (value == nullptr) {
    return fail(ErrorCode::kInvalidModel,
                concat({describe(node), ": attribute \"", name, "\" is not ", kind}));
  }
  return value;
}

template <typename T>
Result<T> find_or(const Node& node, std::string_view name, std::string_view kind, T fallback) {
  SYNSIGHT_TRY_ASSIGN(const T* value, find<T>(node, name, kind));
  if (value != nullptr) return *value;
  return fallback;
}

}  // namespace

Result<int64_t> int_attribute(const Node& node, std::string_view name, int64_t fallback) {
  return find_or(node, name, "an integer", fallback);
}

Result<float> float_attribute(const Node& node, std::string_view name, float fallback) {
  return find_or(node, name, "a float", fallback);
}

Result<std::string> string_attribute(const Node& node, std::string_view name,
                                     std::string_view fallback) {
  return find_or(node, name, "a string", std::string(fallback));
}

Result<std::vector<int64_t>> ints_attribute(const Node& node, std::string_view name,
                                            std::vector<int64_t> fallback) {
  return find_or(node, name, "a list of integers", std::move(fallback));
}

Result<std::vector<float>> floats_attribute(const Node& node, std::string_view name,
                                            std::vector<float> fallback) {
  return find_or(node, name, "a list of floats", std::move(fallback));
}

Result<const Tensor*> tensor_attribute(const Node& node, std::string_view name) {
  return find<Tensor>(node, name, "a tensor");
}

}  // namespace synsight
