// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/classifier/classifier.h"
#include "native/cli/picture_list.h"

namespace synsight::cli {

/// What `classify` prints.
enum class PredictionFormat {
  kTable,  // for people
  kJson,   // an object a line, also for a picture that failed
  kCsv,    // RFC 4180 with lines ended by LF
  kKeras,  // what Python prints for keras's decode_predictions(...), a list of lists of tuples
};

/// The names of the formats, in the order of the enumerators.
std::vector<std::string> prediction_format_names();
PredictionFormat parse_prediction_format(const std::string& name);

/// One classified picture.
struct ClassifiedPicture {
  std::string path;
  int width = 0;
  int height = 0;
  Classification classification;
};

/// Turns results into text, picture by picture.
class PredictionFormatter {
 public:
  /// `pictures` and `classes` must outlive it; `pictures` gives the width of the table's column.
  PredictionFormatter(PredictionFormat format, std::span<const Picture> pictures,
                      const labels::ClassTable& classes);

  /// What stands for the next picture; for the first with what comes before it.
  std::string picture(const ClassifiedPicture& picture);
  /// What stands for a picture that failed; nothing but in kJson.
  std::string failure(const std::string& path, const Error& error) const;
  /// What comes behind the last picture.
  std::string end() const;

 private:
  std::string header() const;
  std::string text_of(const ClassifiedPicture& picture) const;
  std::string table_rows(const ClassifiedPicture& picture) const;

  PredictionFormat format_;
  size_t picture_width_ = 0;
  size_t num_pictures_ = 0;  // so far
  const labels::ClassTable& classes_;
};

}  // namespace synsight::cli
