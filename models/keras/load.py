# SPDX-License-Identifier: Apache-2.0
"""Makes Keras's models without more memory than their weights need.

Keras gives each variable a random value, in float64 first, before it loads the weights.
In a StatelessScope variables have none, and the scope keeps what is loaded.
"""

import contextlib
import importlib.util
import math
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.errors import ModelsError

REQUIREMENTS = "models/requirements-keras.txt"
_LONGEST_REASON = 300


@dataclass(frozen=True)
class Loaded:
    """A model, and `read(variable)`, which gives a variable's array."""

    model: object
    read: Callable


def import_keras():
    """The package. OpenVINO computes, unless KERAS_BACKEND names something else."""
    if importlib.util.find_spec("openvino"):
        os.environ.setdefault("KERAS_BACKEND", "openvino")
    try:
        import keras
    except ImportError as error:
        raise ModelsError(f"{error}; pip install -r {REQUIREMENTS}") from error
    return keras


def load_application(name, weights, **options):
    """A network of keras.applications, by the name that Keras has for it.

    `weights` is "imagenet", "none" or the path of a file; `options` are Keras's.
    """
    keras = import_keras()
    function = getattr(keras.applications, name)
    is_file = weights not in ("imagenet", "none")
    if is_file and not Path(weights).is_file():
        raise ModelsError(f"{weights}: there is no such file")

    def make():
        wanted = "imagenet" if weights == "imagenet" else None
        model = function(weights=wanted, **options)
        if is_file:
            with _one_line(weights):
                model.load_weights(weights)
        return model

    return _load(keras, f"keras:{name}", make, has_weights=weights != "none")


def load_file(path):
    """Anybody's model, from a .keras or .h5 file."""
    if not Path(path).is_file():
        raise ModelsError(f"{path}: there is no such file")
    keras = import_keras()
    return _load(keras, path, lambda: _load_model(keras, path), has_weights=True)


def _load_model(keras, path):
    from keras.src.saving import saving_lib

    # Else the whole file goes through memory where Keras thinks that there is enough.
    usual = saving_lib.is_memory_sufficient
    saving_lib.is_memory_sufficient = lambda model: False
    try:
        return keras.saving.load_model(path, compile=False)
    finally:
        saving_lib.is_memory_sufficient = usual


def _load(keras, source, make, has_weights):
    keras.backend.clear_session()  # layers without a name are numbered from 1
    keras.utils.set_random_seed(0)
    with _one_line(source), keras.StatelessScope(initialize_variables=False) as scope:
        model = make()
    keras.backend.clear_session()  # it would give the variables values yet
    random = np.random.default_rng(0)
    values = [(v.path, scope.get_current_value(v)) for v in model.weights]
    missing = [path for path, value in values if value is None]
    if has_weights and missing:
        raise ModelsError(f"{source}: there are no weights for {missing[0]!r}")

    def read(variable):
        value = scope.get_current_value(variable)
        if value is None:
            return _initial_value(variable, random)
        return _array(value)

    return Loaded(model, read)


def _initial_value(variable, random):
    """The array of a variable that has none yet, by its initializer."""
    import keras

    initializer = variable._initializer
    if isinstance(initializer, keras.initializers.GlorotUniform) and variable.ndim == 2:
        # Keras's own draws float64: twice the memory of a network's largest weight.
        limit = math.sqrt(6 / sum(variable.shape))
        array = random.random(variable.shape, np.float32)
        array *= np.float32(2 * limit)
        array -= np.float32(limit)
        return array
    if isinstance(initializer, (keras.initializers.Zeros, keras.initializers.Ones)):
        number = 1 if isinstance(initializer, keras.initializers.Ones) else 0
        return np.full(variable.shape, number, np.float32)
    return _array(initializer(variable.shape, dtype=variable.dtype))


def _array(value):
    """The f32 array of a backend's tensor; without a copy where OpenVINO has it."""
    import keras

    with contextlib.suppress(AttributeError):
        node = value.output.get_node()
        if node.get_type_name() == "Constant" and node.data.dtype == np.float32:
            return node.data
    return np.asarray(keras.ops.convert_to_numpy(value), np.float32)


@contextlib.contextmanager
def _one_line(source):
    """What Keras raises, as one line that names the source."""
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except ModelsError:
        raise
    except Exception as error:  # Keras raises all kinds, also plain ones.
        # What went wrong stands last, before the whole description of the layer.
        text = str(error).rpartition("Exception encountered: ")[2]
        text = text.partition("Full object config")[0]
        text = " ".join(text.split()) or type(error).__name__
        if len(text) > _LONGEST_REASON:
            text = text[: _LONGEST_REASON - 3] + "..."
        raise ModelsError(f"{source}: {text}") from error
