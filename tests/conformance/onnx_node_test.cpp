// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/small_build.h"
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

bool is_refusal(const std::string& failure) {
  return failure.find("has no kernel for") != std::string::npos ||
         failure.find("training is not supported") != std::string::npos;
}

// What a device refuses with all inputs fed it may do with constants, but not when nothing is left
// to compute.
bool may_do_with_constants(const Error& error, Feeding feeding) {
  if (feeding == Feeding::kAll && is_refusal(error.message)) return true;
  return feeding != Feeding::kNone && needs_constant(error);
}

// Empty where the case passes, with its inputs fed and as initializers.
std::string run(const ConformanceCase& conformance_case, const Runner& runner) {
  for (const Feeding feeding : {Feeding::kAll, Feeding::kFirst, Feeding::kNone}) {
    const auto outputs = run_case(conformance_case, runner, feeding);
    if (!outputs && may_do_with_constants(outputs.error(), feeding)) continue;
    const std::string failure =
        outputs ? difference(conformance_case, *outputs) : outputs.error().message;
    if (!failure.empty()) {
      return feeding == Feeding::kAll ? failure : failure + " (with inputs as initializers)";
    }
  }
  return {};
}

const ConformanceException* find_exception(std::span<const ConformanceException> exceptions,
                                           const std::string& name) {
  for (const ConformanceException& exception : exceptions) {
    if (fits(name, exception.pattern)) return &exception;
  }
  return nullptr;
}

/// How often a case ran and passed, or was excepted.
struct Tally {
  int num_passed = 0;
  std::map<std::string_view, int> excepted;  // by the exception's pattern
  std::map<std::string_view, int> refused;   // the same, on a device
};

int total(const std::map<std::string_view, int>& counts) {
  int sum = 0;
  for (const auto& [pattern, count] : counts) sum += count;
  return sum;
}

void check_all_fit(std::span<const ConformanceException> exceptions,
                   const std::map<std::string_view, int>& counts) {
  if (kIsSmallBuild) return;  // it lacks operators, whose exceptions the others have
  for (const ConformanceException& exception : exceptions) {
    CHECK_MESSAGE(counts.contains(exception.pattern), "no node test fits the exception \"",
                  exception.pattern, "\"");
  }
}

bool has_device() {
  const std::vector<Runner> runners = all_runners();
  return std::any_of(runners.begin(), runners.end(),
                     [](const Runner& runner) { return runner.backend->uses_device(); });
}

void check_case(const std::string& folder, Tally& tally) {
  const std::string name = folder.substr(folder.rfind('/') + 1);
  const ConformanceException* exception = find_exception(kConformanceExceptions, name);
  const ConformanceException* refusal = find_exception(kDeviceRefusals, name);
  const auto conformance_case = read_case(folder);
  for (const Runner& runner : all_runners()) {
    const std::string failure =
        conformance_case ? run(*conformance_case, runner) : conformance_case.error().message;
    if (exception != nullptr) {
      ++tally.excepted[exception->pattern];
      CHECK_MESSAGE(!failure.empty(), name, " on ", runner.name,
                    " passes, but is excepted: ", exception->reason);
    } else if (runner.backend->uses_device() && refusal != nullptr) {
      ++tally.refused[refusal->pattern];
      CHECK_MESSAGE(is_refusal(failure), name, " on ", runner.name,
                    " is not refused, but listed: ", refusal->reason, "; ", failure);
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
  check_all_fit(kConformanceExceptions, tally.excepted);
  if (has_device()) check_all_fit(kDeviceRefusals, tally.refused);
  MESSAGE(tally.num_passed, " runs are checked, ", total(tally.excepted), " are excepted, ",
          total(tally.refused), " are refused by a device");
}
