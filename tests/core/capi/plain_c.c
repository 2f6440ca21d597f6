// SPDX-License-Identifier: Apache-2.0
#include "tests/core/capi/plain_c.h"

#include <string.h>

#include "core/capi/synsight.h"

static synsight_model* read_in_two_pieces(const char* bytes, size_t num_bytes) {
  const size_t half = num_bytes / 2;
  synsight_reader* reader = NULL;
  synsight_model* model = NULL;
  if (synsight_reader_create(&reader, NULL) == SYNSIGHT_OK &&
      synsight_reader_feed(reader, bytes, half, NULL) == SYNSIGHT_OK &&
      synsight_reader_feed(reader, bytes + half, num_bytes - half, NULL) == SYNSIGHT_OK) {
    synsight_reader_finish(reader, &model, NULL);
  }
  synsight_reader_free(reader);
  return model;
}

static const char* run_zeros(synsight_session* session) {
  const float zeros[48] = {0};
  const int64_t dims[4] = {1, 3, 4, 4};
  const synsight_tensor input = {SYNSIGHT_FLOAT32, 4, dims, zeros, sizeof zeros};
  const synsight_run_options options = {.size = sizeof options, .timeout_ms = 60000};
  synsight_outputs* outputs = NULL;
  if (synsight_session_run(session, &input, 1, &options, &outputs, NULL) != SYNSIGHT_OK) {
    return "the session does not run";
  }
  const size_t num_bytes = outputs->tensors[0].num_bytes;
  synsight_outputs_free(outputs);
  return num_bytes == 3 * sizeof(float) ? NULL : "the session gives other outputs";
}

const char* find_problem_in_plain_c(const char* model_data, size_t model_bytes, const char* picture,
                                    size_t picture_bytes, const char* best_label) {
  const char* options[] = {"threads", "2", NULL};
  const char* problem = NULL;
  synsight_classifier* classifier = NULL;
  synsight_classification* answer = NULL;
  synsight_model* model = read_in_two_pieces(model_data, model_bytes);
  if (model == NULL) {
    problem = "the model cannot be read";
  } else if (synsight_classifier_create(model, options, &classifier, NULL) != SYNSIGHT_OK) {
    problem = "the classifier cannot be made";
  } else if (synsight_classify(classifier, picture, picture_bytes, 1, NULL, &answer, NULL) !=
             SYNSIGHT_OK) {
    problem = "the picture cannot be classified";
  } else if (strcmp(answer->predictions[0].label, best_label) != 0) {
    problem = "the best class is another one";
  } else {
    problem = run_zeros(synsight_classifier_session(classifier));
  }
  synsight_classification_free(answer);
  synsight_classifier_free(classifier);
  synsight_model_free(model);
  return problem;
}
