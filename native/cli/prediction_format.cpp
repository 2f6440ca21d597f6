// SPDX-License-Identifier: Apache-2.0
#include "native/cli/prediction_format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "core/base/text.h"
#include "native/cli/json.h"
#include "native/cli/messages.h"
#include "native/cli/python_text.h"
#include "native/cli/table.h"

namespace synsight::cli {

namespace {

constexpr std::array<std::string_view, 4> kFormatNames = {"table", "json", "csv", "keras"};

constexpr std::string_view kPictureTitle = "picture";

// Milliseconds to the microsecond.
Json milliseconds(double ms) { return std::round(ms * 1000) / 1000; }

std::string json_line(const ClassifiedPicture& picture) {
  Json predictions = Json::array();
  for (const Prediction& prediction : picture.classification.predictions) {
    predictions.push_back({{"index", prediction.index},
                           {"wnid", prediction.wnid},
                           {"label", prediction.label},
                           {"probability", prediction.probability}});
  }
  const Timings& timings = picture.classification.timings;
  return to_text(Json{{"image", picture.path},
                      {"width", picture.width},
                      {"height", picture.height},
                      {"predictions", std::move(predictions)},
                      {"ms",
                       {{"decode", milliseconds(timings.decode_ms)},
                        {"preprocess", milliseconds(timings.preprocess_ms)},
                        {"inference", milliseconds(timings.inference_ms)}}}}) +
         "\n";
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of("\",\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_rows(const ClassifiedPicture& picture) {
  std::string rows;
  size_t rank = 0;
  for (const Prediction& prediction : picture.classification.predictions) {
    rows += concat({csv_field(picture.path), ",", ++rank, ",", prediction.index, ",",
                    csv_field(prediction.wnid), ",", csv_field(prediction.label), ",",
                    float_text(prediction.probability), "\n"});
  }
  return rows;
}

std::string keras_list(const ClassifiedPicture& picture) {
  std::string list = "[";
  for (const Prediction& prediction : picture.classification.predictions) {
    list += concat({list.size() > 1 ? ", " : "", "(", string_repr(prediction.wnid), ", ",
                    string_repr(prediction.label), ", ", float_text(prediction.probability), ")"});
  }
  return list + "]";
}

std::vector<Column> table_columns(size_t picture_width) {
  return {{std::string(kPictureTitle), Align::kLeft, picture_width},
          {"rank", Align::kRight, 4},
          {"probability", Align::kRight, 11},
          {"label"}};
}

}  // namespace

std::vector<std::string> prediction_format_names() {
  return {kFormatNames.begin(), kFormatNames.end()};
}

PredictionFormat parse_prediction_format(const std::string& name) {
  const auto found = std::find(kFormatNames.begin(), kFormatNames.end(), name);
  return static_cast<PredictionFormat>(found - kFormatNames.begin());
}

PredictionFormatter::PredictionFormatter(PredictionFormat format, std::span<const Picture> pictures,
                                         const labels::ClassTable& classes)
    : format_(format), picture_width_(kPictureTitle.size()), classes_(classes) {
  for (const Picture& picture : pictures) {
    picture_width_ = std::max(picture_width_, num_characters(picture.path));
  }
}

std::string PredictionFormatter::header() const {
  if (format_ == PredictionFormat::kTable) return format_titles(table_columns(picture_width_));
  if (format_ == PredictionFormat::kCsv) return "image,rank,index,wnid,label,probability\n";
  if (format_ == PredictionFormat::kKeras) return "[";
  return "";
}

std::string PredictionFormatter::picture(const ClassifiedPicture& picture) {
  const std::string before = num_pictures_ == 0                    ? header()
                             : format_ == PredictionFormat::kKeras ? ",\n "
                                                                   : "";
  ++num_pictures_;
  return before + text_of(picture);
}

std::string PredictionFormatter::end() const {
  return format_ == PredictionFormat::kKeras && num_pictures_ > 0 ? "]\n" : "";
}

std::string PredictionFormatter::text_of(const ClassifiedPicture& picture) const {
  switch (format_) {
    case PredictionFormat::kTable:
      return table_rows(picture);
    case PredictionFormat::kJson:
      return json_line(picture);
    case PredictionFormat::kCsv:
      return csv_rows(picture);
    case PredictionFormat::kKeras:
      return keras_list(picture);
  }
  return "";
}

std::string PredictionFormatter::failure(const std::string& path, const Error& error) const {
  if (format_ != PredictionFormat::kJson) return "";
  return to_text(
             Json{{"image", path},
                  {"error", {{"code", error_code_name(error.code)}, {"message", error.message}}}}) +
         "\n";
}

std::string PredictionFormatter::table_rows(const ClassifiedPicture& picture) const {
  const std::vector<Column> columns = table_columns(picture_width_);
  std::string rows;
  size_t rank = 0;
  for (const Prediction& prediction : picture.classification.predictions) {
    const std::string shown = rank == 0 ? printable(picture.path) : "";
    const std::string percent =
        fixed(100.0 * static_cast<double>(prediction.probability), 2) + " %";
    const std::vector<std::string> cells = {shown, std::to_string(++rank), percent,
                                            printable(classes_[prediction.index].name)};
    rows += format_row(columns, cells);
  }
  return rows;
}

}  // namespace synsight::cli
