"""Writes reference.md from the registries, so that it cannot fall behind them: `python -m docs.build_reference`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import typer.main
from pydantic import SecretStr

from dlcore.access_settings import AccessSettings
from dlcore.budgets import ALLOWANCES
from dlcore.cli.main import app
from dlcore.datasets import CATALOGUE
from dlcore.design.templates import templates_for
from dlcore.exports import EXPORTS
from dlcore.search.dimensions import DIMENSIONS
from dlcore.search.measures import MEASURES, WhenKnown
from dlcore.search.pruners import PRUNERS
from dlcore.search.samplers import SAMPLERS
from dlcore.search.spec import SearchOptions
from dlcore.settings import Settings
from dlcore.spec import DatasetSpec, ExperimentSpec, ModelSpec, TrainingSpec, infer
from dlcore.spec.adversarial import AdversarialTraining
from dlcore.spec.augmentation import AUGMENTATIONS
from dlcore.spec.base import Kind, Registry, SpecModel
from dlcore.spec.blocks import BLOCKS
from dlcore.spec.cleaning import CLEANING
from dlcore.spec.data import DataKind
from dlcore.spec.describe import Field, Sort, describe
from dlcore.spec.fine_tuning import SOURCES, FineTuning
from dlcore.spec.layers import BACKBONES, LAYERS, Application, Layer, SwitchableApplication
from dlcore.spec.losses import LOSSES
from dlcore.spec.optimizers import OPTIMIZERS
from dlcore.spec.preprocessing import STEPS
from dlcore.spec.regularizers import REGULARIZERS
from dlcore.spec.schedules import SCHEDULES
from dlcore.spec.splits import SPLITS
from dlcore.spec.training import CLASS_WEIGHTS, EarlyStopping

TARGET = Path(__file__).with_name("reference.md")
HEAD = """# Reference

Everything that can stand in a spec, be set, or be typed. Written by `python -m docs.build_reference`
from the code itself; a test fails when this page differs from it. An *empty* value is `null` in JSON and YAML.
"""

TYPES = {
    Sort.INT: "whole number",
    Sort.FLOAT: "number",
    Sort.BOOL: "true or false",
    Sort.TEXT: "text",
    Sort.PAIR: "one or two whole numbers",
    Sort.NUMBERS: "list of numbers",
    Sort.NAMES: "list of names",
    Sort.WEIGHTS: "number for each name",
    Sort.VALUES: "list of values",
}
Row = tuple[str, ...]


def table(head: Row, rows: Iterable[Row]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    cells = ([" ".join(cell.split()).replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"


def yaml_value(value: Any) -> str:
    """A default as it stands in YAML."""
    match value:
        case None | "":
            return "empty"
        case bool():
            return f"`{str(value).lower()}`"
        case Kind():
            return f"`{value.kind}`"
        case SpecModel():
            return "its defaults"
        case tuple():
            return f"`[{', '.join(yaml_value(one).strip('`') for one in value)}]`"
        case Path():
            return f"`{str(value).replace(str(Path.home()), '~')}`"
    return f"`{value}`"


def type_text(field: Field) -> str:
    """What a field holds, with what there is to choose from."""
    if field.sort in (Sort.CHOICE, Sort.CHOICES):
        words = ", ".join(f"`{word}`" for word in field.choices)
        return f"one of {words}" if field.sort is Sort.CHOICE else f"any of {words}"
    if field.sort in (Sort.KIND, Sort.KINDS) and field.registry:
        # What is one sort of layer stands among the layers.
        what = LAYERS.what if issubclass(field.registry.base, Layer) else field.registry.what
        return f"[{what}](#{anchor(what)})" if field.sort is Sort.KIND else f"list: [{what}](#{anchor(what)})"
    if field.sort is Sort.MODEL and field.model:
        return f"[fields](#{field.model.__name__.lower()})"
    if field.sort is Sort.PAIR and field.count == 3:
        return "one or three whole numbers"
    return TYPES[field.sort]


def anchor(what: str) -> str:
    """Where the kinds of a sort stand on the page."""
    return (
        next(title for title, registry in (*SORTS, *SEARCH_SORTS) if registry.what == what)
        .lower()
        .replace(" ", "-")
    )


def fields_table(cls: type[SpecModel], leave: Iterable[str] = ()) -> str:
    """The fields of a class; a sentence where there are none."""
    rows = [
        (f"`{one.name}`", type_text(one), yaml_value(one.default), one.range_text(), one.help)
        for one in describe(cls)
        if one.name not in leave
    ]
    return table(("Field", "Type", "Default", "Range", "Help"), rows) if rows else "It has no fields.\n"


SORTS: tuple[tuple[str, Registry[Any]], ...] = (
    ("Layers", LAYERS),
    ("Blocks", BLOCKS),
    ("Losses", LOSSES),
    ("Optimizers", OPTIMIZERS),
    ("Schedules", SCHEDULES),
    ("Regularizers", REGULARIZERS),
    ("Class weights", CLASS_WEIGHTS),
    ("Preprocessing", STEPS),
    ("Cleaning", CLEANING),
    ("Splits", SPLITS),
    ("Augmentation", AUGMENTATIONS),
    ("Sources of weights", SOURCES),
)
SEARCH_SORTS: tuple[tuple[str, Registry[Any]], ...] = (
    ("Dimensions", DIMENSIONS),
    ("Samplers", SAMPLERS),
    ("Pruners", PRUNERS),
)


def spec_section() -> Iterator[str]:
    """The parts of an experiment."""
    yield "## Experiment\n"
    for cls in (
        ExperimentSpec,
        DatasetSpec,
        ModelSpec,
        FineTuning,
        TrainingSpec,
        EarlyStopping,
        AdversarialTraining,
    ):
        yield f"### {cls.__name__}\n"
        yield f"{(cls.__doc__ or '').splitlines()[0]}\n"
        yield fields_table(cls)


def kinds_section(title: str, registry: Registry[Any]) -> Iterator[str]:
    """All kinds of one sort."""
    yield f"## {title}\n"
    own = set(Layer.model_fields) if registry is LAYERS else set()
    if own:
        yield "Every layer has these fields, besides its own:\n"
        yield fields_table(Layer)
    for cls in registry:
        if issubclass(cls, Application):
            continue
        yield f"### {cls.__name__}\n"
        group = f"*{cls.group}.* " if issubclass(cls, Layer) else ""
        yield f"{group}{cls.summary}\n"
        yield fields_table(cls, own)
    if registry is LAYERS:
        yield from backbones_section(own)


BACKBONES_HEAD = """### Backbones

Networks of `keras.applications` without their heads, from the fewest weights to the most. FLOP are of one image of the
side on which its weights were trained; accuracy is the share of ImageNet's validation images that these classify
correctly, by Keras' documentation. Larger and smaller images fit as well, down to the least side.
"""


def backbones_section(leave: Iterable[str]) -> Iterator[str]:
    """All backbones in one table, for they have the same fields."""
    yield BACKBONES_HEAD
    yield fields_table(SwitchableApplication, leave)
    always = ", ".join(f"`{one.__name__}`" for one in BACKBONES if not issubclass(one, SwitchableApplication))
    yield f"These always scale their pixels themselves, and have no `include_preprocessing`: {always}.\n"
    rows = [
        (
            f"`{one.__name__}`",
            f"{one.facts.parameters.total / 1e6:,.1f} M",
            f"{one.facts.flops / 1e9:,.1f} G",
            f"{one.facts.accuracy}%",
            str(one.facts.side),
            str(one.smallest),
            one.summary,
        )
        for one in BACKBONES
    ]
    yield table(("Name", "Parameters", "FLOP", "Accuracy", "Side", "Least side", "Help"), rows)


def templates_section() -> Iterator[str]:
    """The models to start from, measured on MNIST's shape."""
    yield "## Templates\n"
    shape, rows = (28, 28, 1), []
    for one in templates_for(DataKind.IMAGE):
        report = infer(one.build(shape), shape, 10)
        parameters = f"{report.parameters.total:,}"
        rows.append((f"`{one.name}`", one.title, one.summary, str(len(report.rows)), parameters))
    yield table(("Name", "Title", "Help", "Layers", "Parameters on 28 × 28 × 1, 10 classes"), rows)


def datasets_section() -> Iterator[str]:
    """The catalogue."""
    yield "## Datasets\n"
    rows = []
    for facts in (entry.facts for entry in CATALOGUE):
        shape, sizes = (
            " × ".join(map(str, facts.input_shape or ())),
            f"{facts.train_size:,} + {facts.test_size:,}",
        )
        download = f"{facts.download_bytes / 1e6:,.0f} MB" if facts.files else "none"
        name = f"[`{facts.name}`]({facts.source})"
        rows.append((name, facts.title, shape, str(len(facts.classes)), sizes, download, facts.licence))
    yield table(("Name", "Title", "Shape", "Classes", "Train + test", "Download", "Licence"), rows)


WHEN = {
    WhenKnown.BEFORE: "before it starts",
    WhenKnown.EPOCH: "after each epoch",
    WhenKnown.AFTER: "when it is over",
}
SEARCH_HEAD = """## Searches

A search is an experiment with two more parts: `space`, from the path of a field to what it can be, and `search`.
Layers stand in a path by their names or numbers (`model.layers[conv2d].filters`), the kind of a part by its own
path (`training.optimizer`), a layer as a whole by `model.layers[name]`, a group of layers by
`model.layers[first:last]`, the template by `model`. A list is short for `Choices`, an object with `low` and `high`
for `Range`.
"""


def search_section() -> Iterator[str]:
    """Dimensions, samplers, pruners, options, and what trials are judged by."""
    yield SEARCH_HEAD
    yield "### SearchOptions\n"
    yield f"{(SearchOptions.__doc__ or '').splitlines()[0]}\n"
    yield fields_table(SearchOptions)
    for title, registry in SEARCH_SORTS:
        yield from kinds_section(title, registry)
    yield "## Measures\n"
    yield "What a search can make better, or limit.\n"
    rows = [
        (f"`{one.name}`", one.title, "smaller" if one.direction == "minimize" else "larger", WHEN[one.known])
        for one in MEASURES.values()
    ]
    yield table(("Name", "Title", "Better", "Known of a trial"), rows)


def exports_section() -> Iterator[str]:
    """What a run can be taken away as."""
    yield "## Export formats\n"
    yield "For `python -m dlcore export RUN --format F`, `run.export(F)`, and a run's page.\n"
    rows = [
        (
            f"`{one.name}`",
            one.summary,
            f"`{one.suffix}`",
            ", ".join(f"`{name}`" for name in one.packages.values()),
        )
        for one in EXPORTS.values()
    ]
    yield table(("format", "what it is", "file", "needs"), rows)


def settings_section() -> Iterator[str]:
    """Every setting with its environment variable."""
    yield "## Settings\n"
    prefix = Settings.model_config["env_prefix"]
    rows = [
        (
            f"`{info.validation_alias or (prefix + name).upper()}`",
            # What is secret is text, of which the default is empty.
            yaml_value("" if isinstance(info.default, SecretStr) else info.default),
            info.description or "",
        )
        for name, info in sorted(
            Settings.model_fields.items(), key=lambda one: one[0] in AccessSettings.model_fields
        )
    ]
    yield table(("Environment variable", "Default", "Help"), rows)
    yield "### Limits of a demo\n"
    yield "What one person may use, unless `DLCORE_VISITOR_LIMITS` or `DLCORE_MEMBER_LIMITS` says otherwise.\n"
    limits = [
        (f"`{limit}`", one.title, f"{one.visitor:,.0f}", f"{one.member:,.0f}")
        for limit, one in ALLOWANCES.items()
    ]
    yield table(("Name", "What is limited", "Visitor", "Member"), limits)


def commands_section() -> Iterator[str]:
    """The command line."""
    yield "## Command line\n"
    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        yield f"### `python -m dlcore {name}`\n"
        yield f"{command.help}\n"
        rows = [parameter_row(one) for one in command.params]
        if rows:
            yield table(("Argument", "Default", "Help"), rows)


def parameter_row(one: Any) -> Row:
    """An argument or an option of a command."""
    name = (
        " ".join([", ".join(one.opts), one.metavar or ""]).strip() if one.param_type_name == "option" else ""
    )
    default = "required" if one.required else yaml_value(one.default)
    return (f"`{name or one.metavar or one.name.upper()}`", default, one.help or "")


def reference() -> str:
    """The whole page."""
    parts = [HEAD, *spec_section()]
    for title, registry in SORTS:
        parts += kinds_section(title, registry)
    for section in (
        templates_section,
        search_section,
        datasets_section,
        exports_section,
        settings_section,
        commands_section,
    ):
        parts += section()
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
