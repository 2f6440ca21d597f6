// SPDX-License-Identifier: Apache-2.0
// Prints the five best classes of a picture: classify_c MODEL.onnx PICTURE
#include <stdio.h>

#include "core/capi/synsight.h"

static unsigned char picture[64 << 20];

// The size of the picture's file; 0 where it cannot be read or does not fit.
static size_t read_picture(const char* path) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) return 0;
  const size_t size = fread(picture, 1, sizeof picture, file);
  fclose(file);
  return size < sizeof picture ? size : 0;
}

static void print(const synsight_classification* answer) {
  for (size_t i = 0; i < answer->num_predictions; ++i) {
    const synsight_prediction* prediction = &answer->predictions[i];
    printf("%6.2f %%  %s\n", 100.0 * prediction->probability, prediction->label);
  }
}

int main(int argc, char** argv) {
  if (argc != 3) return fputs("usage: classify_c MODEL.onnx PICTURE\n", stderr), 2;
  const size_t size = read_picture(argv[2]);
  if (size == 0) return fprintf(stderr, "error: cannot read \"%s\"\n", argv[2]), 1;

  synsight_model* model = NULL;
  synsight_classifier* classifier = NULL;
  synsight_classification* answer = NULL;
  char* message = NULL;
  synsight_status status = synsight_model_read_file(argv[1], &model, &message);
  if (status == SYNSIGHT_OK)
    status = synsight_classifier_create(model, NULL, &classifier, &message);
  if (status == SYNSIGHT_OK) {
    status = synsight_classify(classifier, picture, size, 5, NULL, &answer, &message);
  }
  if (status == SYNSIGHT_OK) {
    print(answer);
  } else {
    fprintf(stderr, "error: %s\n", message != NULL ? message : synsight_status_name(status));
  }
  synsight_message_free(message);
  synsight_classification_free(answer);
  synsight_classifier_free(classifier);
  synsight_model_free(model);
  return status == SYNSIGHT_OK ? 0 : 1;
}
