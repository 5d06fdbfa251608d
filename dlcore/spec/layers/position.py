"""Layers that tell a network where in a sequence each step is."""

from collections.abc import Mapping, Sequence
from math import pi
from typing import ClassVar

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.calls import Call
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import ATTENTION, LAYERS, ParameterCount, Shape, element_count, require_grid
from dlcore.spec.layers.composite import GIVEN, Composite, Part

POSITIONS_HELP = N_("How many positions have a vector; empty: as many as its input has steps.")
TABLE, SUM, ANGLES, TURNS = "table", "sum", "angles", "turns"
"""Names of the parts by which an imported model is recognized."""


def _numbered(first: Part) -> tuple[Part, ...]:
    """Returns the parts that give 0, 1, 2 … along the steps; `first` gives one number for each step."""
    return (
        first,
        Part("ones", Call("ops.ones_like", {"dtype": "int32"}), (first.name,)),
        Part("count", Call("ops.cumsum", {"axis": 1}), ("ones",)),
        Part("positions", Call("ops.subtract", {"x2": 1}), ("count",)),
    )


def _first_channel(*, keep: bool) -> Part:
    """Returns the part that takes one number of each step, as a channel of its own or without one."""
    return Part("step", Call("ops.take", {"indices": (0,) if keep else 0, "axis": -1}), (GIVEN,))


def _count(length: int | None, steps: int) -> int:
    """Returns how many positions there are.

    Raises:
        SpecError: the input has more steps.
    """
    if length is not None and length < steps:
        raise SpecError(
            N_("too few positions: expected at least {steps}, as its input has steps, got {length}."),
            hint=N_("Raise it, or leave it empty."),
            where="sequence_length",
            steps=steps,
            length=length,
        )
    return length or steps


def _sum(first: str, second: str) -> Part:
    return Part(SUM, Call("layers.Add", {"name": SUM}), (first, second), joins=True)


@LAYERS.register
class PositionEmbedding(Composite):
    """Adds a learned vector for each position to a sequence of vectors (Gehring et al., 2017)."""

    title: ClassVar[str] = N_("Learned positions")
    common: ClassVar[Mapping[int, int]] = {2: 7}
    summary: ClassVar[str] = N_("Adds a learned vector for each position: attention alone knows no order.")
    group: ClassVar[str] = ATTENTION

    sequence_length: f.PositiveInt | None = arg(
        None, POSITIONS_HELP, search=f.Scale.FIXED, label=N_("Positions")
    )
    embeddings_initializer: f.Initializer = arg(
        "random_uniform", N_("How the vectors are initialized."), advanced=True
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape."""
        _count(self.sequence_length, require_grid(inputs[0], 1)[0])
        return inputs[0]

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """One vector for each position."""
        steps, features = inputs[0]
        return ParameterCount(_count(self.sequence_length, steps) * features)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One sum for each value."""
        return element_count(inputs[0])

    def recipe(self, inputs: Sequence[Shape]) -> tuple[Part, ...]:
        """Returns the positions, their vectors, and the sum."""
        steps, features = inputs[0]
        rows = _count(self.sequence_length, steps)
        vectors = {
            "input_dim": rows,
            "output_dim": features,
            "embeddings_initializer": self.embeddings_initializer,
        }
        plain = self.embeddings_initializer == type(self).model_fields["embeddings_initializer"].default
        defaults = frozenset({"embeddings_initializer"} if plain else ())
        return (
            *_numbered(_first_channel(keep=False)),
            Part(TABLE, Call("layers.Embedding", {"name": TABLE, **vectors}, defaults), ("positions",)),
            _sum(GIVEN, TABLE),
        )


class _Fixed(Composite):
    """What turns or shifts each channel by waves of the position, without learning anything."""

    group: ClassVar[str] = ATTENTION

    max_wavelength: f.PositiveInt = arg(
        10_000,
        N_("How slow the slowest wave is: it begins again after 2π times as many steps."),
        search=f.Scale.FIXED,
        label=N_("Longest wave"),
    )

    def _waves(self, name: str, speeds: Sequence[float], shifts: Sequence[float]) -> tuple[Part, ...]:
        """Returns the sine of position · speed + shift for each channel, in full precision."""
        arguments = {"scale": list(speeds), "offset": list(shifts), "dtype": "float32", "name": name}
        return (
            Part(name, Call("layers.Rescaling", arguments), ("positions",)),
            Part(f"{name}_sine", Call("ops.sin", {}), (name,)),
        )

    def speeds(self, channels: int) -> list[float]:
        """Returns how fast the wave of each pair of channels is, in radians a step.

        Args:
            channels: how many there are; neighbours share a speed.
        """
        return [self.max_wavelength ** -(2 * (index // 2) / channels) for index in range(channels)]


@LAYERS.register
class SinePositionEncoding(_Fixed):
    """Adds sines and cosines of the position in wavelengths from 2π upwards (Vaswani et al., 2017)."""

    title: ClassVar[str] = N_("Fixed positions")
    summary: ClassVar[str] = N_("Adds waves of the position to a sequence of vectors; nothing is learned.")

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape."""
        return require_grid(inputs[0], 1)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for the angle of each value, and the sum; sines are not counted."""
        return 3 * element_count(inputs[0])

    def recipe(self, inputs: Sequence[Shape]) -> tuple[Part, ...]:
        """Returns the positions, the waves, and the sum."""
        channels = inputs[0][-1]
        # The cosine of every other channel is a sine a quarter of a turn ahead.
        shifts = [pi / 2 * (index % 2) for index in range(channels)]
        return (
            *_numbered(_first_channel(keep=True)),
            *self._waves(ANGLES, self.speeds(channels), shifts),
            _sum(GIVEN, f"{ANGLES}_sine"),
        )


@LAYERS.register
class RotaryEmbedding(_Fixed):
    """Turns pairs of channels by angles that grow with the position (Su et al., 2021)."""

    title: ClassVar[str] = N_("Rotary positions")
    summary: ClassVar[str] = N_(
        "Turns pairs of channels by the position: for queries and keys of an attention."
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape."""
        _, channels = require_grid(inputs[0], 1)
        if channels % 2:
            raise SpecError(
                N_("expected an even number of channels, got {channels}."),
                hint=N_("Put a Dense with an even number of units before it."),
                channels=channels,
            )
        return inputs[0]

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each of two angles, two products and a sum of each value; sines are not counted."""
        return 7 * element_count(inputs[0])

    def recipe(self, inputs: Sequence[Shape]) -> tuple[Part, ...]:
        """Returns x · cos + the other half of x · ±sin, a channel and the one half of them further being a pair."""
        channels = inputs[0][-1]
        half = channels // 2
        speeds = self.speeds(channels)[::2] * 2
        signed = [-speed for speed in speeds[:half]] + speeds[half:]
        return (
            *_numbered(_first_channel(keep=True)),
            *self._waves(ANGLES, speeds, [pi / 2] * channels),
            *self._waves(TURNS, signed, [0.0] * channels),
            Part("swapped", Call("ops.roll", {"shift": half, "axis": -1}), (GIVEN,)),
            _product("kept", GIVEN, f"{ANGLES}_sine"),
            _product("turned", "swapped", f"{TURNS}_sine"),
            _sum("kept", "turned"),
        )


def _product(name: str, first: str, second: str) -> Part:
    return Part(name, Call("layers.Multiply", {"name": name}), (first, second), joins=True)
