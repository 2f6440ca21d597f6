// SPDX-License-Identifier: Apache-2.0
#include "core/labels/class_table.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <set>
#include <string>

#include "tests/support/expect.h"
#include "tests/support/test_data.h"

namespace synsight::labels {

namespace {

using test::expect;

std::string read_text(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  REQUIRE_MESSAGE(file != nullptr, path);
  std::string text(size_t{256} * 1024, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

/// `{"0": ["n01440764", "tench"], ...`, as Keras's own file has it.
std::string keras_entry(const ClassTable& table, size_t index) {
  return "\"" + std::to_string(index) + "\": [\"" + table[index].wnid + "\", \"" +
         table[index].label + "\"]";
}

}  // namespace

TEST_CASE("ImageNet's table holds what its asset holds") {
  const ClassTable table = expect(parse_classes("imagenet-1k"));
  REQUIRE(table.size() == 1000);
  const std::string asset = read_text(SYNSIGHT_SOURCE_DIR "/assets/imagenet-1k.tsv");
  std::set<std::string> wnids;
  for (size_t i = 0; i < table.size(); ++i) {
    const ClassInfo& info = table[i];
    const std::string line =
        std::to_string(i) + "\t" + info.wnid + "\t" + info.label + "\t" + info.name + "\t";
    CHECK_MESSAGE(asset.find("\n" + line) != std::string::npos, line);
    CHECK(info.wnid.size() == 9);
    wnids.insert(info.wnid);
  }
  CHECK(wnids.size() == 1000);
}

TEST_CASE("well-known classes stand at their places") {
  const ClassTable table = expect(parse_classes("imagenet-1k"));
  CHECK(table[0].wnid == "n01440764");
  CHECK(table[0].label == "tench");
  CHECK(table[281].label == "tabby");
  CHECK(table[281].wnid == "n02123045");
  CHECK(table[639].label == "maillot");
  CHECK(table[999].wnid == "n15075141");
}

TEST_CASE("ImageNet's table is Keras's") {
  const auto path = test::find_test_data("labels/imagenet_class_index.json");
  if (!path) return;
  const std::string json = read_text(*path);
  const ClassTable table = expect(parse_classes("imagenet-1k"));
  for (size_t i = 0; i < table.size(); ++i) {
    CHECK_MESSAGE(json.find(keras_entry(table, i)) != std::string::npos, keras_entry(table, i));
  }
}

TEST_CASE("a list of classes is read line by line") {
  const ClassTable table =
      expect(parse_classes("cat\r\nn02084071\tguide_dog\n\tcrane\tcrane (bird)\n"));
  REQUIRE(table.size() == 3);
  CHECK(table[0].wnid.empty());
  CHECK(table[0].label == "cat");
  CHECK(table[1].wnid == "n02084071");
  CHECK(table[1].label == "guide_dog");
  CHECK(table[1].name == "guide dog");
  CHECK(table[2].wnid.empty());
  CHECK(table[2].label == "crane");
  CHECK(table[2].name == "crane (bird)");
  CHECK(expect(parse_classes("a\nb")).size() == 2);
}

TEST_CASE("a list without labels is refused") {
  for (const std::string_view text :
       {"", "\n", "cat\n\ndog", "cat\nn02084071\t\n", "n02084071\t\tdog"}) {
    const auto table = parse_classes(text);
    REQUIRE_FALSE(table);
    CHECK(table.error().code == ErrorCode::kInvalidArgument);
  }
  CHECK(parse_classes("cat\n\ndog").error().message ==
        "the list of classes has no label in line 2");
}

TEST_CASE("unknown classes are numbered") {
  const ClassTable table = numbered_classes(3);
  REQUIRE(table.size() == 3);
  CHECK(table[2].label == "class 2");
  CHECK(table[2].name == "class 2");
  CHECK(numbered_classes(0).empty());
}

}  // namespace synsight::labels
