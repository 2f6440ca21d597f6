# SPDX-License-Identifier: Apache-2.0
"""One use of a layer, and the nodes that it becomes.

Keras's values of rank 4 are [N,H,W,C] and the graph's [N,C,H,W]; all others are the same.
The last node of a use, and so its output, has the layer's name, and those before it have
`<layer>/<operator>`; a weight is called `<layer>.<its name>`.
"""

from copy import copy
from dataclasses import dataclass

import numpy as np

from models.errors import ModelsError

# By Keras's axis: the graph's.
_NCHW_AXES = (0, 2, 3, 1)
TO_NHWC = [0, 2, 3, 1]
TO_NCHW = [0, 3, 1, 2]


@dataclass(frozen=True)
class Value:
    """A value of the graph: its name there, and its shape as Keras has it."""

    name: str
    shape: tuple

    @property
    def rank(self):
        return len(self.shape)

    @property
    def is_picture(self):
        """Whether its axes have another order in the graph."""
        return self.rank == 4

    def axis(self, axis):
        """The graph's axis for Keras's `axis`, which may count from the end."""
        axis %= self.rank
        return _NCHW_AXES[axis] if self.is_picture else axis

    @property
    def order_matters(self):
        """Whether the elements lie in another order than in Keras."""
        return self.is_picture and self.shape[3] != 1 and self.shape[1:3] != (1, 1)


class Call:
    """One use of a layer or of an operation of keras.ops."""

    def __init__(self, network, layer, name, owner, arguments, output_shape):
        """`owner` is what the layer's weights are named after, the name of its first
        use; `arguments` is (args, kwargs) with a Value for each tensor.
        """
        self.layer = layer
        self.name = name
        self.args, self.kwargs = arguments
        self.output_shape = output_shape
        self._network = network
        self._owner = owner
        self._num_parts = {}

    @property
    def inputs(self):
        """The Values among the arguments, in their order."""
        return list(_values((self.args, self.kwargs)))

    @property
    def x(self):
        """The only input."""
        (value,) = self.inputs
        return value

    def output_axis(self, axis):
        """The graph's axis for Keras's `axis` of the output."""
        return Value(self.name, self.output_shape).axis(axis)

    def with_layer(self, layer, x):
        """The use of another layer, within this one, on the value called `x`."""
        call = copy(self)
        call.layer = layer
        call.args, call.kwargs = (Value(x, self.output_shape),), {}
        call._owner = f"{self._owner}/{layer.name}"
        return call

    def node(self, op, inputs, part=None, **attributes):
        """Adds a node `<name>/<part or op>`, and returns the name of its output."""
        part = part or op
        count = self._num_parts[part] = self._num_parts.get(part, 0) + 1
        name = f"{self.name}/{part}" + (f"_{count}" if count > 1 else "")
        return self._network.graph.node(op, name, inputs, **attributes)

    def constant(self, role, array, dtype="<f4"):
        """A constant that is no weight of the layer's."""
        return self._network.graph.constant(f"{self.name}.{role}", array, dtype)

    def integers(self, role, numbers):
        """The same with numbers that say sizes, places or axes."""
        return self.constant(role, list(numbers), "<i8")

    def scalar(self, role, number):
        return self.constant(role, np.float32(number))

    def weight(self, variable, axes=None, shape=None):
        """A variable of the layer as a constant: transposed by `axes`, then in `shape`."""
        return self._network.weight(self._owner, variable, axes, shape)

    def picture_weight(self, variable):
        """A variable that is multiplied with pictures: [H,W,C] or [C], to [C,H,W]."""
        axes, shape = None, None
        if len(variable.shape) == 3:
            axes = (2, 0, 1)
        elif len(variable.shape) == 1:
            shape = (*variable.shape, 1, 1)
        return self.weight(variable, axes, shape)

    def broadcast(self, role, array, rank):
        """A scalar or an array, as a constant that is broadcast over values of `rank`."""
        array = np.asarray(array, np.float32)
        if array.ndim > rank:
            self.refuse(f"its {role} has shape {array.shape}, wanted rank {rank}")
        if array.ndim > 0:
            array = array.reshape((1,) * (rank - array.ndim) + array.shape)
        return self.constant(
            role, array.transpose(TO_NCHW) if array.ndim == 4 else array
        )

    def transpose(self, x, perm):
        return self.node("Transpose", [x], perm=list(perm))

    def channels_last(self, value):
        """The name of `value` with its elements in Keras's order, [N,H,W,C]."""
        return self.transpose(value.name, TO_NHWC) if value.is_picture else value.name

    def require_channels_last(self):
        """Refuses a layer that was told to expect the channels first."""
        if getattr(self.layer, "data_format", None) == "channels_first":
            self.refuse("its data_format is channels_first, wanted channels_last")

    def require_rank(self, *ranks):
        for value in self.inputs:
            if value.rank not in ranks:
                wanted = " or ".join(map(str, ranks))
                self.refuse(f"its input has shape {value.shape}, wanted rank {wanted}")

    def sides(self):
        """(height, width) of the only input; refuses a layer that cannot know them."""
        sides = self.x.shape[1:3]
        if None in sides:
            self.refuse("it needs an input of a known height and width")
        return sides

    def refuse(self, reason):
        """Raises the error that names the layer and its class."""
        kind = type(self.layer).__name__
        raise ModelsError(f"layer {self.name!r} ({kind}): {reason}")


def _values(thing):
    if isinstance(thing, Value):
        yield thing
    elif isinstance(thing, dict):
        yield from _values(list(thing.values()))
    elif isinstance(thing, (list, tuple)):
        for part in thing:
            yield from _values(part)
