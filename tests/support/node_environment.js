// SPDX-License-Identifier: Apache-2.0
// The C++ tests ask the environment for folders; Emscripten has one of its own.
Module.preRun = () => Object.assign(ENV, process.env);
