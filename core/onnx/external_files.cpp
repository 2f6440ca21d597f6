// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/external_files.h"

#include <algorithm>
#include <utility>

#include "core/base/checked.h"
#include "core/base/text.h"

namespace synsight::onnx {

namespace {

std::string describe(const TensorRecord& initializer) {
  return concat({"initializer \"", initializer.name, "\": "});
}

}  // namespace

bool is_plain_file_name(std::string_view name) {
  const std::string_view kForbidden("/\\:\0", 4);
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(kForbidden) == std::string_view::npos;
}

Result<ExternalFiles> ExternalFiles::create(std::span<const TensorRecord> initializers) {
  ExternalFiles external;
  for (size_t i = 0; i < initializers.size(); ++i) {
    const TensorRecord& initializer = initializers[i];
    if (initializer.external) SYNSIGHT_TRY(external.add(initializer, *initializer.external, i));
  }
  for (auto& [name, file] : external.files_) {
    std::sort(file.ranges.begin(), file.ranges.end(), [](const Range& a, const Range& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    });
    for (size_t i = 1; i < file.ranges.size(); ++i) {
      const Range& previous = file.ranges[i - 1];
      const Range& range = file.ranges[i];
      if (range.begin < previous.end) {
        return fail(ErrorCode::kInvalidModel,
                    concat({describe(initializers[range.initializer]), "shares bytes of \"", name,
                            "\" with \"", initializers[previous.initializer].name,
                            "\", which is not supported"}));
      }
    }
  }
  return external;
}

Status ExternalFiles::add(const TensorRecord& initializer, const ExternalRange& location,
                          size_t index) {
  if (!is_plain_file_name(location.file)) {
    return fail(ErrorCode::kInvalidModel,
                concat({describe(initializer), "external data location \"", location.file,
                        "\" is not the name of a file beside the model"}));
  }
  Range range;
  range.initializer = index;
  range.begin = location.offset;
  SYNSIGHT_TRY(range.data.set_type(initializer.dtype, initializer.shape, DataEncoding::kRaw));
  const uint64_t size_bytes = initializer.shape.num_elements() * dtype_size(initializer.dtype);
  const auto end = checked_add(location.offset, size_bytes);
  if (!end) {
    return fail(ErrorCode::kInvalidModel, concat({describe(initializer), "offset ", location.offset,
                                                  " of its external data ", "is too large"}));
  }
  range.end = *end;
  files_[location.file].ranges.push_back(std::move(range));
  return {};
}

std::vector<std::string> ExternalFiles::names() const {
  std::vector<std::string> names;
  for (const auto& [name, file] : files_) names.push_back(name);
  return names;
}

Status ExternalFiles::feed(std::string_view name, std::span<const std::byte> piece) {
  const auto found = files_.find(name);
  if (found == files_.end()) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"the model wants no external file \"", name, "\""}));
  }
  File& file = found->second;
  const uint64_t piece_begin = file.position;
  const uint64_t piece_end = piece_begin + piece.size();
  for (; file.next_range < file.ranges.size(); ++file.next_range) {
    Range& range = file.ranges[file.next_range];
    if (range.begin < piece_end) {
      const uint64_t begin = std::max(range.begin, piece_begin);
      const uint64_t end = std::min(range.end, piece_end);
      SYNSIGHT_TRY(range.data.append(piece.subspan(static_cast<size_t>(begin - piece_begin),
                                                   static_cast<size_t>(end - begin))));
    }
    if (range.end > piece_end) break;
  }
  file.position = piece_end;
  return {};
}

Status ExternalFiles::finish(std::span<TensorRecord> initializers) {
  for (auto& [name, file] : files_) {
    for (Range& range : file.ranges) {
      TensorRecord& initializer = initializers[range.initializer];
      if (range.end > file.position) {
        return fail(ErrorCode::kInvalidModel,
                    concat({describe(initializer), "its data ends at byte ", range.end, " of \"",
                            name, "\", which has ", file.position}));
      }
      SYNSIGHT_TRY_ASSIGN(initializer.tensor, range.data.finish());
    }
  }
  return {};
}

}  // namespace synsight::onnx
