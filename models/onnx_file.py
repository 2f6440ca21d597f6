# SPDX-License-Identifier: Apache-2.0
"""ONNX files as they are read here."""

import onnx
from google.protobuf.message import DecodeError

from models.errors import ModelsError
from models.files import read_file


def read_model(path):
    """The ModelProto of the file at `path`, without external data; ModelsError."""
    try:
        model = onnx.load_from_string(read_file(path))
    except DecodeError as error:
        raise ModelsError(f"{path}: is no ONNX file, or a damaged one") from error
    if not model.graph.node:
        raise ModelsError(f"{path}: is no ONNX file, or one without a network")
    return model
