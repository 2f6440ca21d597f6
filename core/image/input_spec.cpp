// SPDX-License-Identifier: Apache-2.0
#include "core/image/input_spec.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/base/text.h"
#include "core/image/decimal.h"

namespace synsight::image {

namespace {

constexpr std::array<std::pair<std::string_view, Filter>, 4> kFilters = {{
    {"nearest", Filter::kNearest},
    {"bilinear", Filter::kBilinear},
    {"bicubic", Filter::kBicubic},
    {"lanczos", Filter::kLanczos},
}};

tl::unexpected<Error> refused(std::string_view key, std::string_view text,
                              std::string_view wanted) {
  return fail(ErrorCode::kInvalidArgument, concat({key, " \"", text, "\": wanted ", wanted}));
}

/// A side from 1 to kMaxInputSide.
std::optional<int> parse_side(std::string_view text) {
  int side = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || side > kMaxInputSide) return std::nullopt;
    side = side * 10 + (c - '0');
  }
  if (side < 1 || side > kMaxInputSide) return std::nullopt;
  return side;
}

/// `224x160`: width and height.
std::optional<std::pair<int, int>> parse_size(std::string_view text) {
  const size_t cross = text.find('x');
  if (cross == std::string_view::npos) return std::nullopt;
  const std::optional<int> width = parse_side(text.substr(0, cross));
  const std::optional<int> height = parse_side(text.substr(cross + 1));
  if (!width || !height) return std::nullopt;
  return std::pair(*width, *height);
}

std::string size_text(int width, int height) { return concat({width, "x", height}); }

/// Takes `prefix` from the front of `text` where it stands there.
bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string wanted_size(std::string_view before, std::string_view after) {
  return concat({before, ", sides from 1 to ", kMaxInputSide, after});
}

Status set_resize(InputSpec& spec, std::string_view text) {
  std::string_view rest = text;
  if (text == "none") {
    spec.resize = ResizeMode::kNone;
    spec.resize_width = spec.resize_height = 0;
    return {};
  }
  if (take_prefix(rest, "stretch ")) {
    if (const auto size = parse_size(rest)) {
      spec.resize = ResizeMode::kStretch;
      std::tie(spec.resize_width, spec.resize_height) = *size;
      return {};
    }
  } else if (take_prefix(rest, "shorter ")) {
    constexpr std::string_view kRounded = " rounded";
    const bool is_rounded = rest.ends_with(kRounded);
    if (is_rounded) rest.remove_suffix(kRounded.size());
    if (const std::optional<int> side = parse_side(rest)) {
      spec.resize = is_rounded ? ResizeMode::kShorterRounded : ResizeMode::kShorter;
      spec.resize_width = *side;
      spec.resize_height = 0;
      return {};
    }
  }
  return refused(
      "resize", text,
      wanted_size("\"stretch WIDTHxHEIGHT\", \"shorter SIDE\" or \"shorter SIDE rounded\"",
                  ", or \"none\""));
}

Status set_filter(InputSpec& spec, std::string_view text) {
  for (const auto& [name, filter] : kFilters) {
    if (text == name) {
      spec.filter = filter;
      return {};
    }
  }
  return refused("filter", text, "nearest, bilinear, bicubic or lanczos");
}

Status set_crop(InputSpec& spec, std::string_view text) {
  const std::optional<std::pair<int, int>> size =
      text == "none" ? std::pair(0, 0) : parse_size(text);
  if (!size) return refused("crop", text, wanted_size("\"WIDTHxHEIGHT\"", ", or \"none\""));
  std::tie(spec.crop_width, spec.crop_height) = *size;
  return {};
}

Status set_color(InputSpec& spec, std::string_view text) {
  if (text != "RGB" && text != "BGR") return refused("color", text, "RGB or BGR");
  spec.color = text == "RGB" ? ColorOrder::kRgb : ColorOrder::kBgr;
  return {};
}

Status set_scale(InputSpec& spec, std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<double> numerator = parse_decimal(text.substr(0, slash));
  const std::optional<double> denominator =
      slash == std::string_view::npos ? 1.0 : parse_decimal(text.substr(slash + 1));
  if (!numerator || !denominator || *numerator == 0 || *denominator == 0) {
    return refused("scale", text, "a number other than 0, or a fraction such as 1/255");
  }
  spec.scale_numerator = *numerator;
  spec.scale_denominator = *denominator;
  return {};
}

/// One number for all channels, or one each.
std::optional<std::array<double, 3>> parse_channels(std::string_view text) {
  std::array<double, 3> values{};
  size_t count = 0;
  while (true) {
    const size_t comma = text.find(',');
    const std::optional<double> value = parse_decimal(text.substr(0, comma));
    if (!value || count == values.size()) return std::nullopt;
    values[count++] = *value;
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  if (count == 1) values.fill(values[0]);
  return count == 2 ? std::nullopt : std::optional(values);
}

std::string channels_text(const std::array<double, 3>& values) {
  if (values[0] == values[1] && values[0] == values[2]) return decimal_text(values[0]);
  return concat(
      {decimal_text(values[0]), ",", decimal_text(values[1]), ",", decimal_text(values[2])});
}

Status set_mean(InputSpec& spec, std::string_view text) {
  const auto values = parse_channels(text);
  if (!values) return refused("mean", text, "one number, or three separated by commas");
  spec.mean = *values;
  return {};
}

Status set_std(InputSpec& spec, std::string_view text) {
  const auto values = parse_channels(text);
  if (!values || std::count(values->begin(), values->end(), 0.0) > 0) {
    return refused("std", text, "one number other than 0, or three separated by commas");
  }
  spec.std = *values;
  return {};
}

std::string resize_text(const InputSpec& spec) {
  if (spec.resize == ResizeMode::kShorter) return concat({"shorter ", spec.resize_width});
  if (spec.resize == ResizeMode::kShorterRounded) {
    return concat({"shorter ", spec.resize_width, " rounded"});
  }
  if (spec.resize == ResizeMode::kStretch) {
    return "stretch " + size_text(spec.resize_width, spec.resize_height);
  }
  return "none";
}

std::string filter_text(const InputSpec& spec) {
  for (const auto& [name, filter] : kFilters) {
    if (filter == spec.filter) return std::string(name);
  }
  return {};
}

std::string scale_text(const InputSpec& spec) {
  std::string text = decimal_text(spec.scale_numerator);
  if (spec.scale_denominator != 1) text.append("/").append(decimal_text(spec.scale_denominator));
  return text;
}

}  // namespace

Status set_field(InputSpec& spec, std::string_view key, std::string_view text) {
  if (key == "resize") return set_resize(spec, text);
  if (key == "filter") return set_filter(spec, text);
  if (key == "crop") return set_crop(spec, text);
  if (key == "color") return set_color(spec, text);
  if (key == "scale") return set_scale(spec, text);
  if (key == "mean") return set_mean(spec, text);
  if (key == "std") return set_std(spec, text);
  return refused(key, text, "one of resize, filter, crop, color, scale, mean and std");
}

std::string field_text(const InputSpec& spec, std::string_view key) {
  if (key == "resize") return resize_text(spec);
  if (key == "filter") return filter_text(spec);
  if (key == "crop") {
    return spec.crop_width == 0 ? "none" : size_text(spec.crop_width, spec.crop_height);
  }
  if (key == "color") return spec.color == ColorOrder::kRgb ? "RGB" : "BGR";
  if (key == "scale") return scale_text(spec);
  if (key == "mean") return channels_text(spec.mean);
  if (key == "std") return channels_text(spec.std);
  return {};
}

}  // namespace synsight::image
