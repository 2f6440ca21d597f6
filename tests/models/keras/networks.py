# SPDX-License-Identifier: Apache-2.0
"""Networks of keras.applications with weights that tell pictures apart.

With Keras's fresh weights all pictures give nearly the same scores, and bugs hide. Here
every layer is fitted to what photographs give it: each channel behind a convolution or a
batch normalisation has a mean square near 1 over all of them. Of its mean only a part is
taken off, but for the scores: what all pictures share hides what they differ in, but a
network without it multiplies rounding errors with every layer.
"""

import math

import keras
import numpy as np
from keras import layers

from models.keras import applications

SEED = 20240229
USUAL_SIDE = 224
LARGEST_FITTED_SIDE = 240
_CENTERING = 0.1
_GAIN_OF_BRANCH = 0.5  # of what is added to its own input, as trained networks have it


def make(name, **options):
    """The network without weights; by default without the softmax at its end."""
    usual = {"weights": None, "classifier_activation": None}
    function = getattr(keras.applications, name)
    return function(**(usual | options))


def preprocess(name, pictures):
    """Keras's own preprocess_input for the network, on pixels [N,H,W,3]."""
    mode = applications.MODES[name]
    if mode == "raw":
        return pictures
    utils = keras.applications.imagenet_utils
    return utils.preprocess_input(pictures.copy(), mode=mode)


def load_pictures(files, model):
    """Pixels [N,H,W,3] of the size that the model takes, as Keras loads them."""
    size = [side or USUAL_SIDE for side in model.input_shape[1:3]]
    images = [keras.utils.load_img(file, target_size=size) for file in files]
    return np.stack([keras.utils.img_to_array(image) for image in images])


def make_fitted(name, files, **options):
    """The network with weights that are fitted to the photographs in `files`.

    To smaller ones where the network takes large ones, for time.
    """
    model = make(name, **options)
    sides = model.input_shape[1:3]
    fitted = model
    if max(side or 0 for side in sides) > LARGEST_FITTED_SIDE:
        shape = (USUAL_SIDE, USUAL_SIDE, 3)
        fitted = make(name, **(options | {"input_shape": shape}))
    fit(fitted, preprocess(name, load_pictures(files, fitted)))
    if fitted is not model:
        for variable, source in zip(model.weights, fitted.weights, strict=True):
            variable.assign(source)
        for layer in model.layers:
            if isinstance(layer, layers.Normalization):
                layer.finalize_state()
    return model


def fit(model, pictures):
    """Gives the model seeded weights, fitted to what it is fed, [N,H,W,3]."""
    random = np.random.default_rng(SEED)
    _Fitting(random, model).run(model, pictures)


class _Fitting:
    """Runs a model layer by layer on arrays, and sets each layer's weights before."""

    def __init__(self, random, model):
        self._random = random
        self._last = [layer for layer in model.layers if hasattr(layer, "kernel")][-1]

    def run(self, model, x):
        """The output of a model with one input and one output."""
        model = getattr(model, "_functional", model)  # a Sequential has one within
        values = {id(model.inputs[0]): x}
        nodes = [
            node
            for depth in sorted(model._nodes_by_depth, reverse=True)
            for node in model._nodes_by_depth[depth]
            if not node.is_input
        ]
        num_readers, added = {}, set()
        for node in nodes:
            for tensor in node.input_tensors:
                num_readers[id(tensor)] = num_readers.get(id(tensor), 0) + 1
            if isinstance(node.operation, layers.Add):
                added.update(map(id, _branches(node.input_tensors)))
        for node in nodes:
            layer = node.operation
            (tensor,) = node.outputs
            args, kwargs = node.arguments.fill_in(values)
            if isinstance(layer, keras.Model):
                output = self.run(layer, args[0])
            else:
                gain = _GAIN_OF_BRANCH if id(tensor) in added else 1
                output = layer(*self._fit(layer, args, gain), **kwargs)
            # What is not computed here is computed with each of its readers again.
            if num_readers.get(id(tensor), 0) > 1:
                output = _array(output)
            values[id(tensor)] = output
            for read in node.input_tensors:
                num_readers[id(read)] -= 1
                if num_readers[id(read)] == 0:
                    del values[id(read)]
        return values[id(model.outputs[0])]

    def _fit(self, layer, args, gain):
        """Sets the layer's weights by what comes in; returns that, computed if it was."""
        random = self._random
        if isinstance(layer, layers.BatchNormalization):
            args = [_array(args[0])]
            self._fit_batch_normalization(layer, args[0], gain)
        elif isinstance(layer, layers.SeparableConv2D):
            _draw(random, layer.depthwise_kernel, math.prod(layer.kernel_size))
            _draw(random, layer.pointwise_kernel, layer.pointwise_kernel.shape[2])
            args = self._fit_bias(layer, args, layer.pointwise_kernel)
        elif isinstance(layer, (layers.Conv2D, layers.Dense)):
            _draw(random, layer.kernel, math.prod(layer.kernel.shape[:-1]))
            args = self._fit_bias(layer, args, layer.kernel)
        elif isinstance(layer, layers.DepthwiseConv2D):
            _draw(random, layer.kernel, math.prod(layer.kernel_size))
            args = self._fit_bias(layer, args, layer.kernel)
        elif isinstance(layer, layers.LayerNormalization):
            layer.gamma.assign(random.uniform(0.75, 1.25, layer.gamma.shape))
            layer.beta.assign(random.normal(0, 0.1, layer.beta.shape))
        elif isinstance(layer, layers.Normalization):
            if layer.input_mean is None:
                array = _array(args[0])
                layer.adapt_mean.assign(array.mean(axis=(0, 1, 2)))
                layer.adapt_variance.assign(array.var(axis=(0, 1, 2)))
                layer.finalize_state()
        elif type(layer).__name__ == "LayerScale":
            layer.gamma.assign(random.uniform(0.25, 0.5, layer.gamma.shape))
        return args

    def _fit_batch_normalization(self, layer, array, gain):
        random, channels = self._random, array.shape[-1]
        mean, deviation = _mean_and_deviation(array)
        layer.moving_mean.assign(mean)
        variance = (deviation * random.uniform(0.8, 1.2, channels)) ** 2
        layer.moving_variance.assign(variance)
        if layer.scale:
            layer.gamma.assign(gain * random.uniform(0.75, 1.25, channels))
        if layer.center:
            layer.beta.assign(gain * random.normal(0, 0.1, channels))

    def _fit_bias(self, layer, args, kernel):
        """Scales a kernel by what it gives, and sets the bias."""
        if not layer.use_bias:
            return args
        args = [_array(args[0])]
        activation, layer.activation = layer.activation, keras.activations.linear
        layer.bias.assign(np.zeros(layer.bias.shape, np.float32))
        array = _array(layer(*args))
        layer.activation = activation
        centering = 1 if layer is self._last else _CENTERING
        mean, deviation = _mean_and_deviation(array, centering)
        scale = np.sqrt(np.square(deviation).mean())
        kernel.assign(_array(kernel) / scale)
        layer.bias.assign(self._random.normal(0, 0.1, mean.shape) - mean / scale)
        return args


def _mean_and_deviation(array, centering=_CENTERING):
    """For each channel, a part of its mean, and the deviation from that."""
    axes = tuple(range(array.ndim - 1))
    mean = array.mean(axis=axes) * centering
    deviation = np.sqrt(np.square(array - mean).mean(axis=axes))
    # What hardly differs is not blown up.
    return mean, np.maximum(deviation, 0.3 * deviation.mean())


def _branches(tensors):
    """Those that are added to their branch's own input, as batch normalisations.

    That is one or none, even where the input is another's output.
    """
    operations = [tensor._keras_history.operation for tensor in tensors]
    dropped = [x.input for x in operations if isinstance(x, layers.Dropout)]
    normalized = [x for x in dropped or tensors if _is_normalized(x)]
    # A projection in place of the input has the branch's own form.
    return normalized if len(normalized) == 1 else []


def _is_normalized(tensor):
    return isinstance(tensor._keras_history.operation, layers.BatchNormalization)


def _array(value):
    return keras.ops.convert_to_numpy(value)


def _draw(random, kernel, num_inputs):
    """Numbers of He's deviation for a layer of so many inputs to each output."""
    deviation = np.float32(math.sqrt(2 / num_inputs))
    kernel.assign(random.standard_normal(kernel.shape, np.float32) * deviation)
