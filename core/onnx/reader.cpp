// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/onnx/build_graph.h"
#include "core/onnx/external_files.h"
#include "core/onnx/foreign_format.h"
#include "core/onnx/inline_functions.h"
#include "core/onnx/model_parser.h"

namespace synsight::onnx {

namespace {

constexpr int64_t kOldestIrVersion = 3;
constexpr int64_t kNewestIrVersion = 14;
constexpr int64_t kOldestOpset = 7;

Status check_versions(const ModelRecord& model) {
  if (model.ir_version < kOldestIrVersion || model.ir_version > kNewestIrVersion) {
    return fail(ErrorCode::kUnsupportedOp,
                concat({"the model's IR version is ", model.ir_version, ", wanted ",
                        kOldestIrVersion, " to ", kNewestIrVersion}));
  }
  const auto opset = model.opsets.find("");
  if (opset != model.opsets.end() && opset->second < kOldestOpset) {
    return fail(ErrorCode::kUnsupportedOp, concat({"the model's opset is ", opset->second,
                                                   ", wanted ", kOldestOpset, " or newer"}));
  }
  return {};
}

}  // namespace

class Reader::Impl {
 public:
  Status feed(std::span<const std::byte> piece);
  Result<std::vector<std::string>> external_files();
  Status feed_external(std::string_view name, std::span<const std::byte> piece);
  Result<Graph> finish();

 private:
  enum class Stage { kModel, kExternalFiles, kDone };

  Status end_model();
  Status keep(Status status);
  Status check_stage(Stage stage) const;
  Error explain(Error error) const;

  Stage stage_ = Stage::kModel;
  Status status_;                // the first error
  std::vector<std::byte> head_;  // the file's first bytes
  ModelParser parser_;
  ModelRecord model_;
  ExternalFiles external_files_;
};

// Remembers an error, so that the reader stays failed.
Status Reader::Impl::keep(Status status) {
  if (!status) status_ = status;
  return status;
}

Status Reader::Impl::check_stage(Stage stage) const {
  SYNSIGHT_TRY(status_);
  if (stage_ != stage) {
    return fail(ErrorCode::kInvalidArgument, "the model's bytes were already taken as complete");
  }
  return {};
}

// A file that broke before its graph began may not be a model at all.
Error Reader::Impl::explain(Error error) const {
  if (error.code != ErrorCode::kInvalidModel || parser_.has_graph()) return error;
  if (head_.empty()) return {error.code, "not an ONNX model: the file is empty"};
  const std::string_view format = foreign_format(head_);
  error.message = format.empty() ? concat({"not an ONNX model: ", error.message})
                                 : concat({"not an ONNX model: the file looks like ", format});
  return error;
}

Status Reader::Impl::feed(std::span<const std::byte> piece) {
  SYNSIGHT_TRY(check_stage(Stage::kModel));
  const auto head = piece.first(std::min(piece.size(), kFormatHeadBytes - head_.size()));
  head_.insert(head_.end(), head.begin(), head.end());
  return keep(
      parser_.feed(piece).map_error([&](Error error) { return explain(std::move(error)); }));
}

Status Reader::Impl::end_model() {
  auto model = parser_.finish();
  if (!model) return tl::unexpected<Error>(explain(std::move(model).error()));
  model_ = *std::move(model);
  SYNSIGHT_TRY(check_versions(model_));
  SYNSIGHT_TRY_ASSIGN(external_files_, ExternalFiles::create(model_.initializers));
  stage_ = Stage::kExternalFiles;
  return {};
}

Result<std::vector<std::string>> Reader::Impl::external_files() {
  SYNSIGHT_TRY(check_stage(Stage::kModel));
  SYNSIGHT_TRY(keep(end_model()));
  return external_files_.names();
}

Status Reader::Impl::feed_external(std::string_view name, std::span<const std::byte> piece) {
  SYNSIGHT_TRY(check_stage(Stage::kExternalFiles));
  return keep(external_files_.feed(name, piece));
}

Result<Graph> Reader::Impl::finish() {
  if (stage_ == Stage::kModel) SYNSIGHT_TRY(external_files());
  SYNSIGHT_TRY(check_stage(Stage::kExternalFiles));
  stage_ = Stage::kDone;
  SYNSIGHT_TRY(keep(external_files_.finish(model_.initializers)));
  SYNSIGHT_TRY(keep(inline_functions(model_)));
  return build_graph(std::move(model_));
}

Reader::Reader() : impl_(std::make_unique<Impl>()) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

Status Reader::feed(std::span<const std::byte> piece) { return impl_->feed(piece); }

Result<std::vector<std::string>> Reader::external_files() { return impl_->external_files(); }

Status Reader::feed_external(std::string_view name, std::span<const std::byte> piece) {
  return impl_->feed_external(name, piece);
}

Result<Graph> Reader::finish() { return impl_->finish(); }

Result<Tensor> read_tensor(std::span<const std::byte> bytes) {
  TensorBuilder builder;
  FieldCursor cursor(bytes);
  while (cursor.next()) SYNSIGHT_TRY(builder.set_field(cursor.field()));
  SYNSIGHT_TRY(cursor.status());
  SYNSIGHT_TRY_ASSIGN(TensorRecord record, builder.finish());
  if (!record.unsupported_type.empty()) {
    return fail(ErrorCode::kUnsupportedType,
                concat({"tensor \"", record.name, "\" is of type ", record.unsupported_type}));
  }
  if (record.external) {
    return fail(ErrorCode::kInvalidModel,
                concat({"tensor \"", record.name, "\" has its data in another file"}));
  }
  return std::move(record.tensor);
}

}  // namespace synsight::onnx
