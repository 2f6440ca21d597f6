// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/backend/backend.h"
#include "core/base/result.h"
#include "core/classifier/classifier.h"
#include "core/classifier/session.h"
#include "core/image/decode.h"

namespace synsight::capi {

/// The options of synsight.h, read and checked; what the overrides say is checked by Classifier.
struct Options {
  std::vector<std::unique_ptr<const Backend>> backends;
  int num_threads = 1;
  std::string preset;
  std::string classes;
  std::vector<std::pair<std::string, std::string>> overrides;
  image::DecodeOptions decode;

  /// Borrows the backends.
  SessionOptions session_options() const;
  ClassifierOptions classifier_options() const;
};

enum class OptionsFor { kSession, kClassifier };

/// Keys and values by turns, ended by null; null for none. Errors: kInvalidArgument for an unknown
/// key, or a value that it does not take.
Result<Options> read_options(const char* const* pairs, OptionsFor purpose);

}  // namespace synsight::capi
