"""Whatever a stranger sends: a spec that can be worked with, or a SpecError, and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.design.estimate import training_memory
from dlcore.errors import Message, SpecError
from dlcore.spec import ExperimentSpec, infer
from dlcore.spec.layers import LAYERS
from dlcore.spec.losses import LOSSES
from dlcore.spec.optimizers import OPTIMIZERS
from dlcore.spec.reading import read_text
from dlcore.spec.regularizers import REGULARIZERS
from dlcore.spec.schedules import SCHEDULES
from tests.spec.strategies import experiments, json_values, models

WORDS = sorted(
    {name for registry in (LAYERS, LOSSES, OPTIMIZERS, SCHEDULES, REGULARIZERS) for name in registry.names()}
    | {"kind", "layers", "inputs", "units", "weights", "training", "model", "dataset", "optimizer", "seed"}
    | {"schedule", "class_weight", "early_stopping", "preprocessing", "boundaries", "factors", "PerClass"}
    | {
        "__class__",
        "model_config",
        "input",
        "<script>alert(1)</script>",
        "{0}",
        "{what}",
        "%s",
        "../..",
        "\ud800",
    }
)
junk = st.one_of(
    json_values,
    st.sampled_from(WORDS),
    st.sampled_from(
        [-0.0, 1e308, 10**30, 10**400, 2**63, -1, 255, "9" * 5000, "x" * 100_000, "\0", b"x", {1}]
    ),
    st.dictionaries(st.sampled_from(WORDS), json_values | st.sampled_from(WORDS), max_size=5),
)


def taken_or_refused(data: Any) -> None:
    """Passes when `data` is refused in a sentence of ours, or is a spec that everything works with."""
    try:
        spec = ExperimentSpec.from_dict(data)
    except SpecError as error:
        assert error.message.template != "{detail}", "a problem without a sentence of its own"
        assert len(str(error)) < 2000
        assert json.dumps(error.message.to_dict()).encode()
        assert Message.from_dict(error.message.to_dict()).text() == str(error)
        str(error).encode()
        return
    assert (
        ExperimentSpec.from_text(spec.to_yaml()).to_dict()
        == ExperimentSpec.from_dict(spec.to_dict()).to_dict()
    )
    training_memory(infer(spec.model, (8, 8, 1), 10), spec.training, 100)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A valid spec's data with junk put in one place."""
    data = draw(experiments).to_dict()
    where: Any = data
    while True:
        keys = list(where) if isinstance(where, dict) else list(range(len(where)))
        key = draw(st.sampled_from([*keys, "new"] if isinstance(where, dict) else keys))
        inner = where.get(key) if isinstance(where, dict) else where[key]
        if not isinstance(inner, (dict, list)) or not inner or draw(st.integers(0, 3)) == 0:
            where[key] = draw(junk)
            return data
        where = inner


@given(damaged())
def test_a_damaged_spec_is_refused_in_a_sentence(data):
    taken_or_refused(data)


@given(junk)
def test_anything_else_is_refused_in_a_sentence(data):
    taken_or_refused(data)


@given(st.text(max_size=60) | st.text("[]{}:,-*&!?|>'\"#%@` \n\tab01.", max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        data = read_text(text)
    except SpecError as error:
        assert "line" in error.message.params
    else:
        taken_or_refused(data)


@given(experiments, st.text("training.[]0123lyexmodpcs²{} ", max_size=30), junk)
def test_any_path_is_set_or_refused(spec, path, value):
    try:
        spec.with_values({path: value})
    except SpecError as error:
        str(error).encode()


@given(
    models(),
    st.tuples(*[st.integers(1, 64)] * 3) | st.tuples(st.integers(1, 5000)),
    st.none() | st.integers(1, 1000),
)
def test_inferring_never_fails_and_names_the_first_problem(model, shape, outputs):
    report = infer(model, shape, outputs)

    if report.problem is None:
        assert len(report.rows) == len(model.layers) > 0
        assert outputs is None or report.output_shape == (outputs,)
        assert all(size >= 1 for row in report.rows for size in row.output_shape)
    else:
        assert report.problem.path.root == "layers"
        assert report.problem.message.hint


def test_a_list_that_contains_itself_is_refused():
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(SpecError):
        ExperimentSpec.from_dict({"name": endless})


def test_data_nested_a_hundred_thousand_deep_is_refused():
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(SpecError, match="expected text, got"):
        ExperimentSpec.from_dict({"name": deep})


def test_a_spec_that_names_pythons_own_attributes_reaches_none_of_them():
    for name in ("__class__", "__init__", "model_fields", "model_config", "hash"):
        with pytest.raises(SpecError, match="there is no field"):
            ExperimentSpec.from_dict({name: 1})
