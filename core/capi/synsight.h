// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The C API: plain C11, for C and for every language that can call it.
///
/// Errors: what can fail returns a synsight_status and takes `char** message` last. `*message` is
/// set to null, or on failure to a text that says where, what was found and what was wanted; it is
/// given back with synsight_message_free. `message` may be null. What a function would give through
/// another pointer is null on failure. Memory that runs out is reported where weights, tensors and
/// pictures take it; where a few bytes cannot be had, the program ends.
///
/// Ownership: what a function gives through a `**` pointer is freed once, by the `_free` function
/// of its type, which takes null as well. Everything reached from it lives as long, unless it says
/// otherwise. What a caller passes is read during the call only.
///
/// Threads: there is no shared state. A handle is for one thread at a time, different handles are
/// independent; synsight_cancel_flag_set alone may be called at any time, from any thread.
///
/// Structs that the library gives, and those with a `size`, may get further fields at their end.
/// Texts are UTF-8 and end with a zero byte.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// NOLINTBEGIN(readability-identifier-naming): C has no namespaces

/// What went wrong, as far as a caller would act on it. The numbers are stable.
typedef int32_t synsight_status;
enum {
  SYNSIGHT_OK = 0,
  SYNSIGHT_INVALID_ARGUMENT = 1,    // the caller passed something that can never work
  SYNSIGHT_INVALID_MODEL = 2,       // the model's bytes break ONNX's rules
  SYNSIGHT_INVALID_IMAGE = 3,       // the picture is damaged, too large or of an unknown format
  SYNSIGHT_UNSUPPORTED_OP = 4,      // an operator, opset or attribute value that is not supported
  SYNSIGHT_UNSUPPORTED_TYPE = 5,    // an element type that is not supported
  SYNSIGHT_SHAPE_MISMATCH = 6,      // tensors whose shapes do not fit each other or the model
  SYNSIGHT_OUT_OF_MEMORY = 7,       // memory could not be had
  SYNSIGHT_IO = 8,                  // a file could not be read
  SYNSIGHT_DEVICE = 9,              // a device or its driver failed
  SYNSIGHT_CANCELLED = 10,          // the cancel flag was raised
  SYNSIGHT_DEADLINE_EXCEEDED = 11,  // the time limit passed
  SYNSIGHT_INTERNAL = 12            // the library's own mistake
};

/// Element types, by the numbers of ONNX's TensorProto.DataType.
typedef int32_t synsight_dtype;
enum {
  SYNSIGHT_UNDEFINED = 0,
  SYNSIGHT_FLOAT32 = 1,
  SYNSIGHT_UINT8 = 2,
  SYNSIGHT_INT8 = 3,
  SYNSIGHT_UINT16 = 4,
  SYNSIGHT_INT16 = 5,
  SYNSIGHT_INT32 = 6,
  SYNSIGHT_INT64 = 7,
  SYNSIGHT_BOOL = 9,  // a byte, 0 or 1
  SYNSIGHT_FLOAT16 = 10,
  SYNSIGHT_FLOAT64 = 11,
  SYNSIGHT_UINT32 = 12,
  SYNSIGHT_UINT64 = 13,
  SYNSIGHT_BFLOAT16 = 16
};

/// The library's version, `0.1.0`.
const char* synsight_version(void);

/// A status' stable name: `ok`, `invalid_argument`, ...; null for any other number.
const char* synsight_status_name(synsight_status status);

void synsight_message_free(char* message);

// Models.

/// Takes an ONNX model's bytes in pieces of any size. After an error it stays failed.
typedef struct synsight_reader synsight_reader;

/// A model that was read and waits for a session or classifier, which uses it up.
typedef struct synsight_model synsight_model;

synsight_status synsight_reader_create(synsight_reader** reader, char** message);
void synsight_reader_free(synsight_reader* reader);

/// Takes the model's next bytes.
synsight_status synsight_reader_feed(synsight_reader* reader, const void* bytes, size_t num_bytes,
                                     char** message);

/// Ends the model's bytes. `names` is set to the plain names of the files that hold its external
/// data and must be fed next, ended by null.
synsight_status synsight_reader_external_files(synsight_reader* reader, const char* const** names,
                                               char** message);

/// Takes an external file's next bytes, from its beginning.
synsight_status synsight_reader_feed_external(synsight_reader* reader, const char* name,
                                              const void* bytes, size_t num_bytes, char** message);

/// Ends all bytes. The reader has nothing left to do but to be freed.
synsight_status synsight_reader_finish(synsight_reader* reader, synsight_model** model,
                                       char** message);

/// Reads a model's file, and the external files beside it.
synsight_status synsight_model_read_file(const char* path, synsight_model** model, char** message);
void synsight_model_free(synsight_model* model);

// Sessions: tensors in, tensors out.
//
// Options are keys and values by turns, ended by null: {"threads", "4", "backends", "xnnpack",
// NULL}; null instead of the array: none. A session knows
//   backends  names separated by commas, tried in order; `auto`, the default: `xnnpack,reference`
//   threads   1, the default, to 256; a build without threads computes with one
// and a classifier also
//   preset        how pictures are fed, by name (`keras-caffe`, `torchvision`, ...)
//   resize filter crop color scale mean std
//                 single fields of that, as in synsight_classifier_info
//   classes       labels, one a line (or wnid, tab, label); or `imagenet-1k`
//   max_pixels    pictures of more pixels are refused

/// A compiled model that runs tensors.
typedef struct synsight_session synsight_session;

/// An input or output of a session. Dimensions are those of the last run; before it as the model
/// declares them, with -1 for unknown ones.
typedef struct synsight_port {
  const char* name;
  synsight_dtype dtype;
  size_t rank;
  const int64_t* dims;
} synsight_port;

typedef struct synsight_session_info {
  const char* backend;   // what runs: `xnnpack`, `reference`
  const char* refusals;  // a line for each backend that was tried before and refused
  size_t num_inputs;
  const synsight_port* inputs;
  size_t num_outputs;
  const synsight_port* outputs;
} synsight_session_info;

/// Elements in row-major order, aligned to the size of one.
typedef struct synsight_tensor {
  synsight_dtype dtype;
  size_t rank;
  const int64_t* dims;
  const void* data;
  size_t num_bytes;
} synsight_tensor;

/// The outputs of a run, in the model's order. They do not need the session any more.
typedef struct synsight_outputs {
  size_t num_tensors;
  const synsight_tensor* tensors;
} synsight_outputs;

/// Raised to stop a run between two nodes.
typedef struct synsight_cancel_flag synsight_cancel_flag;

synsight_status synsight_cancel_flag_create(synsight_cancel_flag** flag, char** message);
void synsight_cancel_flag_free(synsight_cancel_flag* flag);

/// Raises the flag, or for 0 lowers it.
void synsight_cancel_flag_set(synsight_cancel_flag* flag, int32_t is_raised);

/// What may stop a run.
typedef struct synsight_run_options {
  size_t size;                         // sizeof(synsight_run_options)
  const synsight_cancel_flag* cancel;  // may be null
  double timeout_ms;                   // of the whole call; 0: none
} synsight_run_options;

/// Compiles `model`, which is used up, also on failure, and must be freed all the same.
synsight_status synsight_session_create(synsight_model* model, const char* const* options,
                                        synsight_session** session, char** message);
void synsight_session_free(synsight_session* session);

/// Valid until the session's next run. Null for a null session.
const synsight_session_info* synsight_session_get_info(synsight_session* session);

/// Runs the network on one tensor an input, in the model's order. `options` may be null.
synsight_status synsight_session_run(synsight_session* session, const synsight_tensor* inputs,
                                     size_t num_inputs, const synsight_run_options* options,
                                     synsight_outputs** outputs, char** message);
void synsight_outputs_free(synsight_outputs* outputs);

// Classifiers: pictures in, classes out.

/// A session with what it takes to feed it pictures and to name its classes.
typedef struct synsight_classifier synsight_classifier;

typedef struct synsight_classifier_info {
  const char* input_spec;  // how pictures are fed, a key and its value a line: `resize shorter 256`
  const char* guess;       // what of this, or of the classes, the model did not say; may be empty
  size_t num_classes;
} synsight_classifier_info;

typedef struct synsight_prediction {
  size_t index;
  const char* wnid;  // WordNet id, `n02123045`; empty where the classes are not ImageNet's
  const char* label;
  float probability;
} synsight_prediction;

/// The answer for one picture. It does not need the classifier any more.
typedef struct synsight_classification {
  size_t num_predictions;
  const synsight_prediction* predictions;  // best first
  int32_t width;                           // of the picture, upright
  int32_t height;
  double decode_ms;
  double preprocess_ms;
  double inference_ms;
} synsight_classification;

/// Compiles `model`, which is used up, also on failure, and must be freed all the same.
synsight_status synsight_classifier_create(synsight_model* model, const char* const* options,
                                           synsight_classifier** classifier, char** message);
void synsight_classifier_free(synsight_classifier* classifier);

/// Null for a null classifier.
const synsight_classifier_info* synsight_classifier_get_info(const synsight_classifier* classifier);

/// The classifier's own session, for its backend and for raw tensors; it lives as long as the
/// classifier, and freeing it does nothing. Null for a null classifier.
synsight_session* synsight_classifier_session(synsight_classifier* classifier);

/// The `top` best classes of a picture, given as the bytes of a JPEG, PNG, BMP or GIF file.
/// `options` may be null.
synsight_status synsight_classify(synsight_classifier* classifier, const void* bytes,
                                  size_t num_bytes, size_t top, const synsight_run_options* options,
                                  synsight_classification** classification, char** message);

void synsight_classification_free(synsight_classification* classification);

// The same in steps: for pixels that are decoded already, for the tensor that the network is fed,
// and to leave the thread to others between the network's nodes.

/// A picture as the network takes it. It does not need the classifier any more.
typedef struct synsight_prepared {
  synsight_tensor tensor;
  int32_t width;  // of the picture, upright
  int32_t height;
  double decode_ms;
  double preprocess_ms;
} synsight_prepared;

/// 1 where the bytes begin as a JPEG, PNG, BMP or GIF file does, else 0.
int32_t synsight_is_image(const void* bytes, size_t num_bytes);

/// Decodes a picture's file and makes the network's input of it.
synsight_status synsight_prepare(const synsight_classifier* classifier, const void* bytes,
                                 size_t num_bytes, synsight_prepared** prepared, char** message);

/// The same of pixels: `rgba` holds `height` rows of `width` pixels of four bytes, of which the
/// fourth is not read.
synsight_status synsight_prepare_pixels(const synsight_classifier* classifier, const void* rgba,
                                        int32_t width, int32_t height, synsight_prepared** prepared,
                                        char** message);
void synsight_prepared_free(synsight_prepared* prepared);

/// A picture that is being classified. It needs its classifier, and is over when that one starts
/// or runs something else.
typedef struct synsight_task synsight_task;

/// Starts to classify a prepared picture, which is not needed any more then. The time limit counts
/// what preparing took; a cancel flag must live as long as the task. `options` may be null.
synsight_status synsight_task_create(synsight_classifier* classifier,
                                     const synsight_prepared* prepared, size_t top,
                                     const synsight_run_options* options, synsight_task** task,
                                     char** message);

/// Goes on, and leaves off at the first node that ends `slice_ms` later or more: `*classification`
/// stays null until the last one has run. After an error or an answer the task is over.
synsight_status synsight_task_advance(synsight_task* task, double slice_ms,
                                      synsight_classification** classification, char** message);
void synsight_task_free(synsight_task* task);

// NOLINTEND(readability-identifier-naming)

#ifdef __cplusplus
}
#endif
