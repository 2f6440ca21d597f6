// SPDX-License-Identifier: Apache-2.0
#include "core/image/input_spec.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "core/image/decimal.h"
#include "tests/support/expect.h"

namespace synsight::image {

namespace {

using test::expect;

struct Field {
  std::string_view key;
  std::string_view text;
};

InputSpec preset(std::string_view name, int width, int height) {
  const std::optional<InputSpec> spec = find_preset(name, width, height);
  REQUIRE(spec);
  return spec.value_or(InputSpec{});
}

/// The decimal that `text` must be.
double decimal(std::string_view text) {
  const std::optional<double> value = parse_decimal(text);
  REQUIRE_MESSAGE(value, std::string(text));
  return value.value_or(0);
}

}  // namespace

TEST_CASE("every field's text is read and written alike") {
  constexpr Field kFields[] = {
      {"resize", "none"},
      {"resize", "stretch 224x160"},
      {"resize", "shorter 256"},
      {"resize", "shorter 256 rounded"},
      {"filter", "nearest"},
      {"filter", "bilinear"},
      {"filter", "bicubic"},
      {"filter", "lanczos"},
      {"crop", "none"},
      {"crop", "224x160"},
      {"color", "RGB"},
      {"color", "BGR"},
      {"scale", "1"},
      {"scale", "1/255"},
      {"scale", "1/127.5"},
      {"scale", "0.0078125"},
      {"scale", "0.00392156862745098"},
      {"mean", "0"},
      {"mean", "127"},
      {"mean", "103.939,116.779,123.68"},
      {"mean", "-1.5,0,0.25"},
      {"std", "0.229,0.224,0.225"},
      {"std", "128"},
  };
  for (const auto& [key, text] : kFields) {
    InputSpec spec;
    CHECK(set_field(spec, key, text));
    CHECK(field_text(spec, key) == text);
  }
}

TEST_CASE("a field's text sets its numbers") {
  InputSpec spec;
  expect(set_field(spec, "resize", "stretch 300x200"));
  CHECK(spec.resize == ResizeMode::kStretch);
  CHECK(spec.resize_width == 300);
  CHECK(spec.resize_height == 200);
  expect(set_field(spec, "resize", "shorter 256"));
  CHECK(spec.resize == ResizeMode::kShorter);
  CHECK(spec.resize_width == 256);
  CHECK(spec.resize_height == 0);
  expect(set_field(spec, "scale", "2/127.5"));
  CHECK(spec.scale_numerator == 2);
  CHECK(spec.scale_denominator == 127.5);
  expect(set_field(spec, "mean", "0.5"));
  CHECK(spec.mean == std::array{0.5, 0.5, 0.5});
  expect(set_field(spec, "std", "1,2.5,3e-1"));
  CHECK(spec.std == std::array{1.0, 2.5, 0.3});
}

TEST_CASE("a wrong text is refused and changes nothing") {
  constexpr Field kFields[] = {
      {"resize", ""},
      {"resize", "224"},
      {"resize", "stretch 224"},
      {"resize", "stretch 0x5"},
      {"resize", "shorter 8193"},
      {"resize", "shorter 25 6"},
      {"resize", "shorter 256  rounded"},
      {"resize", "shorter rounded"},
      {"resize", "shorter -1"},
      {"filter", "box"},
      {"crop", "224"},
      {"crop", "224x"},
      {"crop", "1x99999999999"},
      {"crop", "2x2x2"},
      {"color", "rgb"},
      {"scale", "0"},
      {"scale", "1/0"},
      {"scale", "1/"},
      {"scale", "nan"},
      {"mean", "1,2"},
      {"mean", "1,2,3,4"},
      {"mean", "1;2;3"},
      {"mean", "inf"},
      {"std", "1,0,1"},
      {"std", "0x1"},
      {"size", "224"},
  };
  for (const auto& [key, text] : kFields) {
    InputSpec spec = preset("torchvision", 224, 224);
    const Status status = set_field(spec, key, text);
    REQUIRE_FALSE(status);
    CHECK(status.error().code == ErrorCode::kInvalidArgument);
    CHECK(status.error().message.find("wanted") != std::string::npos);
    for (const std::string_view other : kInputSpecKeys) {
      CHECK(field_text(spec, other) == field_text(preset("torchvision", 224, 224), other));
    }
  }
  InputSpec spec;
  CHECK(set_field(spec, "filter", "box").error().message ==
        "filter \"box\": wanted nearest, bilinear, bicubic or lanczos");
}

TEST_CASE("decimals are the nearest doubles, as the C library reads them") {
  for (const char* text : {"0",
                           "1",
                           "-1",
                           "+2.5",
                           "0.485",
                           "103.939",
                           "123.68",
                           "1e-3",
                           "1.25E+2",
                           ".5",
                           "5.",
                           "0.1",
                           "0.2",
                           "0.3",
                           "123456789.012345",
                           "9007199254740992",
                           "0.00392156862745098",
                           "1e-22",
                           "000.100",
                           "7e15"}) {
    CHECK_MESSAGE(decimal(text) == std::strtod(text, nullptr), text);
    CHECK_MESSAGE(decimal(decimal_text(decimal(text))) == decimal(text), text);
  }
  CHECK(static_cast<float>(decimal("0.33333333333333333333333333333333")) == 1.0F / 3);
  for (const char* text : {"", ".", "-", "1e", "1e1000", "1e-40", "1e23", "1 ", " 1", "1,5", "0x10",
                           "nan", "1.2.3", "--1", "1e+-1"}) {
    CHECK_MESSAGE(!parse_decimal(text), text);
  }
  CHECK(decimal_text(0.1) == "0.1");
  CHECK(decimal_text(-103.939) == "-103.939");
  CHECK(decimal_text(0.000025) == "0.000025");
}

TEST_CASE("presets are what their sources say") {
  const InputSpec caffe = preset("keras-caffe", 224, 200);
  CHECK(field_text(caffe, "resize") == "stretch 224x200");
  CHECK(field_text(caffe, "filter") == "nearest");
  CHECK(field_text(caffe, "color") == "BGR");
  CHECK(field_text(caffe, "mean") == "103.939,116.779,123.68");
  CHECK(field_text(preset("keras-tf", 299, 299), "scale") == "1/127.5");
  CHECK(field_text(preset("torchvision", 224, 224), "resize") == "shorter 256");
  CHECK(field_text(preset("torchvision", 299, 299), "resize") == "shorter 342");
  CHECK(field_text(preset("torchvision-v2", 224, 224), "resize") == "shorter 232");
  CHECK(field_text(preset("timm-inception", 299, 299), "resize") == "shorter 341");
  CHECK(field_text(preset("timm-vit", 224, 224), "resize") == "shorter 248");
  CHECK(field_text(preset("timm-vit", 224, 224), "crop") == "224x224");
  CHECK_FALSE(find_preset("keras", 224, 224));
  CHECK_FALSE(find_preset("", 224, 224));
  for (const std::string_view name : preset_names()) CHECK(find_preset(name, 224, 224));
}

}  // namespace synsight::image
