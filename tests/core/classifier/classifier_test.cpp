// SPDX-License-Identifier: Apache-2.0
#include "core/classifier/classifier.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/backend/reference/reference_backend.h"
#include "core/base/text.h"
#include "tests/core/capi/capi_models.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/proto_writer.h"

namespace synsight::test {

namespace {

/// A builder with the mean colour of a picture [1,3,4,4] as scores [1,3,1,1].
struct ColorNetwork {
  GraphBuilder builder;
  ValueId picture = builder.input("picture", {-1, 3, 4, 4});
  ValueId means = builder.node("GlobalAveragePool", {picture}, {}, "means");
};

Result<Classifier> classify_with(Graph graph,
                                 std::vector<std::pair<std::string, std::string>> overrides = {}) {
  static const ReferenceBackend backend;
  ClassifierOptions options;
  options.session.backends = {&backend};
  options.overrides = std::move(overrides);
  return Classifier::create(std::move(graph), options);
}

std::string error_of(const Result<Classifier>& classifier) {
  return classifier ? "none" : classifier.error().message;
}

std::string picture_of(int width, int height) { return bmp(width, height, 10, 200, 30); }

}  // namespace

TEST_CASE("scores may have dimensions of 1 behind the classes") {
  ColorNetwork network;
  Classifier classifier = expect(classify_with(network.builder.finish({network.means})));
  const PreparedImage prepared = expect(classifier.prepare(as_bytes(picture_of(4, 4))));
  const Classification answer = expect(classifier.classify(prepared, 3));
  CHECK(answer.predictions.size() == 3);
  CHECK(answer.predictions[0].index == 1);
}

TEST_CASE("outputs that are no class scores are refused, by name") {
  ColorNetwork classes;
  const ValueId best = classes.builder.node("ArgMax", {classes.means}, {{"axis", 1}}, "best");
  CHECK(error_of(classify_with(classes.builder.finish({best}))) ==
        "the model gives no scores for classes: output \"best\" is int64[1,1,1,1], wanted "
        "floating-point [N,classes], or [N,1] of a Sigmoid");
  ColorNetwork map;
  const ValueId features = map.builder.node("Relu", {map.picture}, {}, "features");
  CHECK(error_of(classify_with(map.builder.finish({features}))) ==
        "the model gives no scores for classes: output \"features\" is float32[1,3,4,4], wanted "
        "floating-point [N,classes], or [N,1] of a Sigmoid");
}

TEST_CASE("the largest scores are not taken for those of the first classes") {
  ColorNetwork network;
  const ValueId count = network.builder.initializer("count", integers({2}));
  const std::vector<ValueId> largest =
      network.builder.node_with_outputs("TopK", {network.means, count}, 2, {{"axis", 1}});
  const std::string error = error_of(classify_with(network.builder.finish(largest)));
  CHECK(error.find("the model gives no scores for classes: output ") == 0);
  CHECK(error.find(" is float32[1,2,1,1], ") != std::string::npos);
}

TEST_CASE("dimensions that are all open are those of a picture with its channels first") {
  GraphBuilder builder;
  const ValueId picture = builder.input("picture", {-1, -1, -1, -1});
  const ValueId means = builder.node("GlobalAveragePool", {picture}, {}, "means");
  Classifier classifier = expect(classify_with(builder.finish({means})));
  CHECK(classifier.guess().find("guessed preset torchvision") != std::string::npos);
  CHECK(classifier.guess().find("its channels are open") != std::string::npos);
  const PreparedImage prepared = expect(classifier.prepare(as_bytes(picture_of(4, 4))));
  CHECK(prepared.tensor.shape() == Shape{1, 3, 224, 224});
  CHECK(expect(classifier.classify(prepared, 3)).predictions[0].index == 1);
}

TEST_CASE("open channels are not taken for colours where the rest says otherwise") {
  for (const Shape& shape : {Shape{-1, -1, -1, 1}, Shape{-1, -1, -1, 4}, Shape{-1, -1}}) {
    GraphBuilder builder;
    const ValueId picture = builder.input("picture", shape);
    CHECK(error_of(classify_with(builder.finish({builder.node("Relu", {picture})})))
              .find("a classifier of RGB pictures has") != std::string::npos);
  }
}

TEST_CASE("of several outputs the first that is class scores is used, and said") {
  ColorNetwork network;
  GraphBuilder& builder = network.builder;
  const ValueId best = builder.node("ArgMax", {network.means}, {{"axis", 1}}, "best");
  const ValueId features = builder.node("Relu", {network.picture}, {}, "features");
  const ValueId scores = builder.node("Softmax", {network.means}, {{"axis", 1}}, "scores");
  Classifier classifier =
      expect(classify_with(builder.finish({best, features, scores, network.means})));
  CHECK(
      classifier.guess().find("the model has 4 outputs, guessed that \"scores\" are the scores") !=
      std::string::npos);
  const PreparedImage prepared = expect(classifier.prepare(as_bytes(picture_of(4, 4))));
  const Classification answer = expect(classifier.classify(prepared, 1));
  CHECK(answer.predictions[0].index == 1);
  // The network's own Softmax is not followed by another, which would make this at most 0.58.
  CHECK(answer.predictions[0].probability > 0.6f);
}

TEST_CASE("a single Sigmoid is the probability of the second of two classes") {
  ColorNetwork network;
  const ValueId mean = network.builder.node("ReduceMean", {network.means}, {}, "mean");
  const ValueId score = network.builder.node("Sigmoid", {mean}, {}, "score");
  const std::vector<std::pair<std::string, std::string>> raw = {
      {"scale", "1/255"}, {"mean", "0"}, {"std", "1"}};
  Classifier classifier = expect(classify_with(network.builder.finish({score}), raw));
  CHECK(classifier.classes().size() == 2);
  const PreparedImage prepared = expect(classifier.prepare(as_bytes(picture_of(4, 4))));
  const Classification answer = expect(classifier.classify(prepared, 5));
  const double wanted = 1 / (1 + std::exp(-(10 + 200 + 30) / 3.0 / 255));
  REQUIRE(answer.predictions.size() == 2);
  CHECK(answer.predictions[0].index == 1);
  CHECK(answer.predictions[0].probability == doctest::Approx(wanted));
  CHECK(answer.predictions[1].index == 0);
  CHECK(answer.predictions[1].probability == doctest::Approx(1 - wanted));
}

TEST_CASE("NaN and infinity are an error, not an answer") {
  ColorNetwork network;
  Classifier classifier = expect(classify_with(network.builder.finish({network.means})));
  const auto message_for = [&](float pixel) {
    const std::vector<float> pixels(48, pixel);
    PreparedImage prepared;
    prepared.tensor = expect(Tensor::from<float>({1, 3, 4, 4}, pixels));
    const auto answer = classifier.classify(prepared, 1);
    return answer ? "none" : answer.error().message;
  };
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  CHECK(message_for(1) == "none");
  CHECK(message_for(std::numeric_limits<float>::quiet_NaN()) ==
        "the model gives NaN for this picture");
  CHECK(message_for(kInfinity) == "the model gives infinite scores for this picture");
  CHECK(message_for(-kInfinity) == "the model gives infinite scores for this picture");
}

TEST_CASE("an input of integers is guessed to take raw pixels") {
  struct Case {
    DType dtype;
    double first_element;
  };
  for (const Case& c : {Case{DType::kUInt8, 10.0}, Case{DType::kInt8, -118.0},
                        Case{DType::kInt32, 10.0}, Case{DType::kInt64, 10.0}}) {
    CAPTURE(dtype_name(c.dtype));
    GraphBuilder builder;
    const ValueId picture = builder.input("picture", {-1, 3, 4, 4}, c.dtype);
    const ValueId pixels = builder.node("Cast", {picture}, {{"to", 1}});
    const ValueId means = builder.node("GlobalAveragePool", {pixels});
    const Classifier classifier = expect(classify_with(builder.finish({means})));
    CHECK(classifier.guess().find("guessed preset keras-raw") != std::string::npos);
    const PreparedImage prepared = expect(classifier.prepare(as_bytes(picture_of(4, 4))));
    CHECK(to_doubles(prepared.tensor.view())[0] == c.first_element);
  }
}

TEST_CASE("only what the caller leaves open is said to be guessed") {
  struct Case {
    std::vector<std::pair<std::string, std::string>> overrides;
    std::string_view guess;  // without that of the classes' names
  };
  const std::string_view kGuessed = "the model does not say how to feed it; guessed ";
  const std::vector<std::pair<std::string, std::string>> all = {
      {"resize", "none"}, {"crop", "none"}, {"color", "RGB"},
      {"scale", "1"},     {"mean", "0"},    {"std", "1"}};
  std::vector<std::pair<std::string, std::string>> without_color = all;
  without_color.erase(without_color.begin() + 2);
  for (const Case& c :
       {Case{all, ""}, Case{without_color, "color RGB"}, Case{{}, "preset torchvision (resize "}}) {
    ColorNetwork network;
    const Classifier classifier =
        expect(classify_with(network.builder.finish({network.means}), c.overrides));
    const std::string wanted = c.guess.empty() ? "" : concat({kGuessed, c.guess});
    CHECK(classifier.guess().starts_with(wanted));
    CHECK((classifier.guess().find("how to feed") == std::string::npos) == c.guess.empty());
  }
}

TEST_CASE("pictures that are not resized must have the model's size") {
  ColorNetwork network;
  Classifier classifier = expect(classify_with(network.builder.finish({network.means}),
                                               {{"resize", "none"}, {"crop", "none"}}));
  const PreparedImage prepared = expect(classifier.prepare(as_bytes(picture_of(4, 4))));
  CHECK(classifier.classify(prepared, 1).has_value());
  const auto other = classifier.prepare(as_bytes(picture_of(6, 5)));
  REQUIRE_FALSE(other.has_value());
  CHECK(error_code_name(other.error().code) == "shape_mismatch");
  CHECK(other.error().message ==
        "the preprocessing makes 6x5 of the picture, the model wants 4x4 (width x height)");
}

}  // namespace synsight::test
