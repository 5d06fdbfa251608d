"""Blocks: well-known groups of plain layers, put into a model at once and edited one by one afterwards."""

from collections.abc import Mapping
from typing import Any, ClassVar

from dlcore.errors import N_
from dlcore.spec import fields as f
from dlcore.spec.base import Kind, Registry
from dlcore.spec.fields import arg
from dlcore.spec.layers import LAYERS, Layer, Shape
from dlcore.spec.layers.base import require_grid

SOURCE = "source"
"""Stands for the layer before the block in the inputs of its rows."""

Row = dict[str, Any]


class Block(Kind):
    """A group of layers; its last layer gives its result."""

    namespace: ClassVar[str] = "blocks"
    common: ClassVar[Mapping[int, int]] = {}
    """As for a layer: its place among what is mostly added."""
    branches: ClassVar[bool] = False
    """Whether it is a side branch, so that the layers behind it go on taking what stands before it."""

    def layers(self, name: str, source: str, shape: Shape) -> tuple[Layer, ...]:
        """Returns the plain layers, in order.

        Args:
            name: what their names begin with.
            source: the name of what the block takes.
            shape: the shape of what it takes.

        Raises:
            SpecError: the block does not fit that shape.

        Example:
            >>> [one.name for one in SqueezeExcite().layers("gate", "input", (8, 8, 4))]
            ['gate_squeeze', 'gate_reduce', 'gate_expand', 'gate_out']
        """

        def placed(row: Row) -> Layer:
            inputs = [source if one == SOURCE else f"{name}_{one}" for one in row.get("inputs", ())]
            return LAYERS.parse({**row, "name": f"{name}_{row['name']}", "inputs": inputs})

        return tuple(placed(row) for row in self._rows(shape))

    def _rows(self, shape: Shape) -> list[Row]:
        """Returns the layers as data, with names and inputs within the block."""
        raise NotImplementedError


BLOCKS = Registry(N_("block"), Block)


def _grid(shape: Shape) -> tuple[str, int]:
    """Returns how layers for that shape end, and its channels: a sequence has one dimension,
    everything else must be an image.
    """
    rank = 1 if len(shape) == 2 else 2
    return f"{rank}D", require_grid(shape, rank)[-1]


def _norm(name: str) -> Row:
    return {"kind": "BatchNormalization", "name": name, "momentum": 0.9}


def _activation(name: str, activation: str) -> Row:
    return {"kind": "Activation", "name": name, "activation": activation}


@BLOCKS.register
class Residual(Block):
    """Two convolutions whose result is added to what came in (He et al., 2016)."""

    title: ClassVar[str] = N_("Residual block")
    common: ClassVar[Mapping[int, int]] = {3: 7}
    summary: ClassVar[str] = N_("Two convolutions, added to what came in: the block of a ResNet.")

    filters: f.PositiveInt | None = arg(None, N_("Output channels; empty: as many as the input has."))
    strides: f.PositiveInt = arg(1, N_("2 halves the size."))
    kernel_size: f.PositiveInt = arg(3, N_("Size of the filters."), le=255)

    def _rows(self, shape: Shape) -> list[Row]:
        ending, channels = _grid(shape)
        filters = self.filters or channels

        def conv(name: str, size: int, strides: int, **more: Any) -> Row:
            return {
                "kind": f"Conv{ending}", "name": name, "filters": filters, "kernel_size": size,
                "strides": strides, "padding": "same", "use_bias": False,
                "kernel_initializer": "he_normal", **more,
            }  # fmt: skip

        rows = [
            conv("conv1", self.kernel_size, self.strides, inputs=[SOURCE]),
            _norm("norm1"),
            _activation("relu1", "relu"),
            conv("conv2", self.kernel_size, 1),
            _norm("norm2"),
        ]
        project = filters != channels or self.strides > 1
        if project:
            rows += [conv("skip", 1, self.strides, inputs=[SOURCE]), _norm("skip_norm")]
        return [
            *rows,
            {"kind": "Add", "name": "add", "inputs": ["norm2", "skip_norm" if project else SOURCE]},
            _activation("out", "relu"),
        ]


@BLOCKS.register
class InvertedResidual(Block):
    """Widened by 1 × 1, filtered channel by channel, narrowed, and added (Sandler et al., 2018)."""

    title: ClassVar[str] = N_("Inverted residual block")
    summary: ClassVar[str] = N_("Cheap filters on many channels between two narrow ends, as in MobileNetV2.")

    filters: f.PositiveInt | None = arg(None, N_("Output channels; empty: as many as the input has."))
    strides: f.PositiveInt = arg(1, N_("2 halves the size."))
    expansion: f.PositiveInt = arg(6, N_("How many times more channels it has inside."))
    kernel_size: f.PositiveInt = arg(3, N_("Size of the filters."), le=255)

    def _rows(self, shape: Shape) -> list[Row]:
        channels = require_grid(shape, 2)[-1]
        filters = self.filters or channels

        def point(name: str, count: int, **more: Any) -> Row:
            return {
                "kind": "Conv2D", "name": name, "filters": count, "kernel_size": 1, "use_bias": False,
                "kernel_initializer": "he_normal", **more,
            }  # fmt: skip

        rows = [
            point("expand", channels * self.expansion, inputs=[SOURCE]),
            _norm("expand_norm"),
            _activation("expand_relu", "relu6"),
            {
                "kind": "DepthwiseConv2D", "name": "depthwise", "kernel_size": self.kernel_size,
                "strides": self.strides, "padding": "same", "use_bias": False,
                "depthwise_initializer": "he_normal",
            },
            _norm("depthwise_norm"),
            _activation("depthwise_relu", "relu6"),
            point("project", filters),
            _norm("project_norm"),
        ]  # fmt: skip
        if filters == channels and self.strides == 1:
            rows.append({"kind": "Add", "name": "add", "inputs": [SOURCE, "project_norm"]})
        return rows


@BLOCKS.register
class Inception(Block):
    """Filters of three sizes and a pooling side by side, in GoogLeNet's shares (Szegedy et al., 2015)."""

    title: ClassVar[str] = N_("Filters of several sizes")
    summary: ClassVar[str] = N_("Filters of several sizes side by side: the block of GoogLeNet.")

    filters: f.PositiveInt = arg(64, N_("Output channels of all branches together."), ge=16)

    def _rows(self, shape: Shape) -> list[Row]:
        ending, _ = _grid(shape)
        one, three, five = self.filters // 4, self.filters // 2, self.filters // 8

        def conv(name: str, count: int, size: int, **more: Any) -> Row:
            return {
                "kind": f"Conv{ending}", "name": name, "filters": count, "kernel_size": size,
                "padding": "same", "activation": "relu", **more,
            }  # fmt: skip

        return [
            conv("one", one, 1, inputs=[SOURCE]),
            conv("reduce3", self.filters * 3 // 8, 1, inputs=[SOURCE]),
            conv("three", three, 3),
            conv("reduce5", self.filters // 16, 1, inputs=[SOURCE]),
            conv("five", five, 5),
            {
                "kind": f"MaxPooling{ending}", "name": "pool", "pool_size": 3, "strides": 1,
                "padding": "same", "inputs": [SOURCE],
            },
            conv("pooled", self.filters - one - three - five, 1),
            {"kind": "Concatenate", "name": "out", "inputs": ["one", "three", "five", "pooled"]},
        ]  # fmt: skip


@BLOCKS.register
class SqueezeExcite(Block):
    """Weighs each channel by what is seen in all of them (Hu et al., 2018)."""

    title: ClassVar[str] = N_("Squeeze and excitation")
    summary: ClassVar[str] = N_("Weights each channel by the content of all channels.")

    ratio: f.PositiveInt = arg(16, N_("How many times fewer channels it has inside."))

    def _rows(self, shape: Shape) -> list[Row]:
        ending, channels = _grid(shape)
        return [
            {
                "kind": f"GlobalAveragePooling{ending}", "name": "squeeze", "keepdims": True,
                "inputs": [SOURCE],
            },
            {
                "kind": "Dense", "name": "reduce", "units": max(1, channels // self.ratio),
                "activation": "relu",
            },
            {"kind": "Dense", "name": "expand", "units": channels, "activation": "sigmoid"},
            {"kind": "Multiply", "name": "out", "inputs": [SOURCE, "expand"]},
        ]  # fmt: skip


@BLOCKS.register
class TransformerEncoder(Block):
    """Each step looks at all others, then passes a small network of its own (Vaswani et al., 2017)."""

    title: ClassVar[str] = N_("Self-attention block")
    summary: ClassVar[str] = N_("Each step attends to all others, then passes through a small dense network.")

    num_heads: f.PositiveInt = arg(4, N_("The number of attention heads."), label=N_("Heads"))
    key_dim: f.PositiveInt | None = arg(
        None, N_("The size of each head; empty: the features, shared out."), label=N_("Key size")
    )
    feed_forward: f.PositiveInt = arg(128, N_("Units of the dense network's first layer."))
    dropout: float = arg(0.1, N_("The share of values set to zero, from 0 to 1."), ge=0, lt=1)

    def _rows(self, shape: Shape) -> list[Row]:
        features = require_grid(shape, 1)[-1]

        def norm(name: str) -> Row:
            return {"kind": "LayerNormalization", "name": name, "epsilon": 1e-6}

        return [
            {
                "kind": "MultiHeadAttention", "name": "attention", "num_heads": self.num_heads,
                "key_dim": self.key_dim or max(1, features // self.num_heads),
                "dropout": self.dropout, "inputs": [SOURCE],
            },
            {"kind": "Dropout", "name": "attention_dropout", "rate": self.dropout},
            {"kind": "Add", "name": "attention_add", "inputs": [SOURCE, "attention_dropout"]},
            norm("attention_norm"),
            {"kind": "Dense", "name": "dense1", "units": self.feed_forward, "activation": "relu"},
            {"kind": "Dense", "name": "dense2", "units": features},
            {"kind": "Dropout", "name": "dropout", "rate": self.dropout},
            {"kind": "Add", "name": "add", "inputs": ["attention_norm", "dropout"]},
            norm("out"),
        ]  # fmt: skip


@BLOCKS.register
class TokenAndPosition(Block):
    """A vector for each word, and one for its position, added (Vaswani et al., 2017)."""

    title: ClassVar[str] = N_("Vectors for words and positions")
    common: ClassVar[Mapping[int, int]] = {0: 2}
    summary: ClassVar[str] = N_(
        "Learned vectors for words and for their positions, added: attention's first layers."
    )

    input_dim: f.PositiveInt | None = arg(
        None, N_("The size of its vocabulary; empty: that of its input."), label=N_("Vocabulary")
    )
    output_dim: f.PositiveInt = arg(32, N_("The length of each vector."), label=N_("Vector length"))

    def _rows(self, shape: Shape) -> list[Row]:
        return [
            {
                "kind": "Embedding", "name": "words", "input_dim": self.input_dim,
                "output_dim": self.output_dim, "inputs": [SOURCE],
            },
            {"kind": "PositionEmbedding", "name": "positions"},
        ]  # fmt: skip


@BLOCKS.register
class Auxiliary(Block):
    """A small classifier in the middle of a network (GoogLeNet, Szegedy et al., 2015)."""

    title: ClassVar[str] = N_("Auxiliary output")
    summary: ClassVar[str] = N_(
        "A further answer from the middle of the network, whose loss helps the layers before it to learn."
    )
    branches: ClassVar[bool] = True

    units: f.PositiveInt | None = arg(None, N_("Units of a hidden layer before the answer; empty: none."))
    loss_weight: float = arg(
        0.3, N_("How much its loss counts; that of the last layer counts 1."), gt=0, le=1e6
    )

    def _rows(self, shape: Shape) -> list[Row]:
        rows: list[Row] = []
        if len(shape) > 1:
            rows.append({"kind": f"GlobalAveragePooling{len(shape) - 1}D", "name": "pool"})
        if self.units:
            rows.append({"kind": "Dense", "name": "hidden", "units": self.units, "activation": "relu"})
        rows.append({"kind": "Dense", "name": "answer"})
        rows[0]["inputs"] = [SOURCE]
        return [*rows, {"kind": "Output", "name": "out", "loss_weight": self.loss_weight}]
