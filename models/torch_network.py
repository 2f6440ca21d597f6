# SPDX-License-Identifier: Apache-2.0
"""From a network of PyTorch to an ONNX file, by PyTorch's own exporter."""

import importlib
import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from models.errors import ModelsError

_USUAL_SHAPE = (224, 224, 3)


def from_torch(source, input_shape=None):
    """The ONNX file of `source`, in pieces.

    `source` is the path of an exported program, FILE.pt2, or MODULE:FUNCTION, where the
    function gives a torch.nn.Module; `input_shape` is that of one picture, (H, W, C).
    ModelsError where PyTorch is not there, or cannot load or export it.
    """
    is_file = source.endswith(".pt2")
    if is_file and input_shape:
        raise ModelsError(f"{source}: an exported program has its own input shape")
    if is_file and not Path(source).is_file():
        raise ModelsError(f"{source}: there is no such file")
    if not is_file and not all(source.partition(":")):
        wanted = "wanted torch:FILE.pt2 or torch:MODULE:FUNCTION"
        raise ModelsError(f"torch:{source}: {wanted}")
    torch = _import_torch()
    # The exporter tells its steps, and warns of what it mends itself.
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        try:
            program = _export(torch, source, is_file, input_shape or _USUAL_SHAPE)
        except ModelsError:
            raise
        except Exception as error:  # of any kind: the network's code is somebody's own
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            message = f"torch:{source}: PyTorch cannot export it: {reason}"
            raise ModelsError(message) from error
    model = program.model_proto
    model.metadata_props.add(key="synsight.source", value=f"torch:{source}")
    return [model.SerializeToString(deterministic=True)]


def _import_torch():
    try:
        import onnxscript  # noqa: F401, the exporter needs it
        import torch
    except ImportError as error:
        raise ModelsError(f"{error}; pip install torch onnxscript") from error
    return torch


def _export(torch, source, is_file, input_shape):
    if is_file:
        return torch.onnx.export(torch.export.load(source), dynamo=True)
    network = _call(source)
    if not isinstance(network, torch.nn.Module):
        found = type(network).__name__
        raise ModelsError(f"torch:{source}: gives a {found}, wanted a torch.nn.Module")
    height, width, channels = input_shape
    picture = torch.zeros(1, channels, height, width)
    return torch.onnx.export(network.eval(), (picture,), dynamo=True)


def _call(source):
    """What the function gives; its module is looked for from here, too."""
    name, _, function = source.partition(":")
    sys.path.insert(0, "")
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        raise ModelsError(f"torch:{source}: {error}") from error
    finally:
        sys.path.remove("")
    if not callable(getattr(module, function, None)):
        raise ModelsError(f"torch:{source}: {name} has no function {function!r}")
    return getattr(module, function)()
