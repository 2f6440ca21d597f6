// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "core/capi/handles.h"
#include "core/classifier/model_file.h"

using namespace synsight;
using namespace synsight::capi;

namespace synsight::capi {

Result<Graph> take_graph(synsight_model* model) {
  SYNSIGHT_TRY(check_given(model, "model"));
  if (!model->graph) return fail(ErrorCode::kInvalidArgument, "the model is used up");
  Graph graph = *std::move(model->graph);
  model->graph.reset();
  return graph;
}

}  // namespace synsight::capi

synsight_status synsight_reader_create(synsight_reader** reader, char** message) {
  const auto create = [&]() -> Status {
    SYNSIGHT_TRY(clear(reader, "reader"));
    *reader = new synsight_reader;
    return {};
  };
  return report(create(), message);
}

void synsight_reader_free(synsight_reader* reader) { delete reader; }

synsight_status synsight_reader_feed(synsight_reader* reader, const void* bytes, size_t num_bytes,
                                     char** message) {
  const auto feed = [&]() -> Status {
    SYNSIGHT_TRY(check_given(reader, "reader"));
    SYNSIGHT_TRY_ASSIGN(const auto piece, read_bytes(bytes, num_bytes));
    return reader->reader.feed(piece);
  };
  return report(feed(), message);
}

synsight_status synsight_reader_external_files(synsight_reader* reader, const char* const** names,
                                               char** message) {
  const auto list = [&]() -> Status {
    SYNSIGHT_TRY(clear(names, "names"));
    SYNSIGHT_TRY(check_given(reader, "reader"));
    SYNSIGHT_TRY_ASSIGN(reader->names, reader->reader.external_files());
    for (const std::string& name : reader->names) reader->name_pointers.push_back(name.c_str());
    reader->name_pointers.push_back(nullptr);
    *names = reader->name_pointers.data();
    return {};
  };
  return report(list(), message);
}

synsight_status synsight_reader_feed_external(synsight_reader* reader, const char* name,
                                              const void* bytes, size_t num_bytes, char** message) {
  const auto feed = [&]() -> Status {
    SYNSIGHT_TRY(check_given(reader, "reader"));
    SYNSIGHT_TRY(check_given(name, "name"));
    SYNSIGHT_TRY_ASSIGN(const auto piece, read_bytes(bytes, num_bytes));
    return reader->reader.feed_external(name, piece);
  };
  return report(feed(), message);
}

synsight_status synsight_reader_finish(synsight_reader* reader, synsight_model** model,
                                       char** message) {
  const auto finish = [&]() -> Status {
    SYNSIGHT_TRY(clear(model, "model"));
    SYNSIGHT_TRY(check_given(reader, "reader"));
    SYNSIGHT_TRY_ASSIGN(Graph graph, reader->reader.finish());
    *model = new synsight_model{std::move(graph)};
    return {};
  };
  return report(finish(), message);
}

synsight_status synsight_model_read_file(const char* path, synsight_model** model, char** message) {
  const auto read = [&]() -> Status {
    SYNSIGHT_TRY(clear(model, "model"));
    SYNSIGHT_TRY(check_given(path, "path"));
    SYNSIGHT_TRY_ASSIGN(Graph graph, read_model_file(path));
    *model = new synsight_model{std::move(graph)};
    return {};
  };
  return report(read(), message);
}

void synsight_model_free(synsight_model* model) { delete model; }
