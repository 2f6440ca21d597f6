// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/text.h"
#include "core/classifier/model_file.h"
#include "core/ops/op.h"
#include "tests/conformance/conformance_case.h"
#include "tests/conformance/exceptions.h"

using namespace synsight;
using namespace synsight::test;

namespace {

bool fits(std::string_view name, std::string_view pattern) {
  if (pattern.empty()) return name.empty();
  if (pattern.front() != '*') {
    return !name.empty() && name.front() == pattern.front() &&
           fits(name.substr(1), pattern.substr(1));
  }
  return fits(name, pattern.substr(1)) || (!name.empty() && fits(name.substr(1), pattern));
}

// The operator says that an input has to be an initializer.
bool needs_constant(const Error& error) {
  return error.message.find("constant") != std::string::npos;
}

// Empty where the case passes, with its inputs fed and as initializers.
std::string run(const ConformanceCase& conformance_case, const Runner& runner) {
  for (const Feeding feeding : {Feeding::kAll, Feeding::kFirst, Feeding::kNone}) {
    const auto outputs = run_case(conformance_case, runner, feeding);
    if (!outputs && needs_constant(outputs.error()) && feeding != Feeding::kNone) continue;
    const std::string failure =
        outputs ? difference(conformance_case, *outputs) : outputs.error().message;
    if (!failure.empty()) {
      return feeding == Feeding::kAll ? failure : failure + " (with inputs as initializers)";
    }
  }
  return {};
}

const ConformanceException* find_exception(const std::string& name) {
  for (const ConformanceException& exception : kConformanceExceptions) {
    if (fits(name, exception.pattern)) return &exception;
  }
  return nullptr;
}

bool is_refusal(const std::string& failure) {
  return failure.find("has no kernel for") != std::string::npos;
}

/// How often a case ran and passed, or was excepted.
struct Tally {
  int num_passed = 0;
  std::map<std::string, int> refused;        // by the backend that has not all operators
  std::map<std::string_view, int> excepted;  // by the exception's pattern
};

void check_case(const std::string& folder, Tally& tally) {
  const std::string name = folder.substr(folder.rfind('/') + 1);
  const ConformanceException* exception = find_exception(name);
  const auto conformance_case = read_case(folder);
  for (const Runner& runner : all_runners()) {
    const std::string failure =
        conformance_case ? run(*conformance_case, runner) : conformance_case.error().message;
    if (runner.backend->uses_device() && is_refusal(failure)) {
      ++tally.refused[runner.name];
    } else if (exception != nullptr) {
      ++tally.excepted[exception->pattern];
      CHECK_MESSAGE(!failure.empty(), name, " on ", runner.name,
                    " passes, but is excepted: ", exception->reason);
    } else {
      ++tally.num_passed;
      CHECK_MESSAGE(failure.empty(), name, " on ", runner.name, ": ", failure);
    }
  }
}

}  // namespace

TEST_CASE("ONNX's own node tests pass, or are listed with a reason") {
  const auto folders = find_cases("nodes");
  if (!folders) return;
  CHECK(folders->size() >= ops::op_table().size());
  Tally tally;
  for (const std::string& folder : *folders) check_case(folder, tally);
  for (const ConformanceException& exception : kConformanceExceptions) {
    CHECK_MESSAGE(tally.excepted.contains(exception.pattern), "no node test fits the exception \"",
                  exception.pattern, "\"");
  }
  int num_excepted = 0;
  for (const auto& [pattern, count] : tally.excepted) num_excepted += count;
  for (const auto& [backend, count] : tally.refused) {
    MESSAGE(backend, " has no kernels for ", count, " cases");
  }
  MESSAGE(tally.num_passed, " runs are checked, ", num_excepted, " are excepted");
}
