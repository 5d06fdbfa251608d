"""A form that nobody touched changes nothing."""

from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dlcore.datasets import CATALOGUE
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import proposal
from dlcore.search.drafted import SearchDraft
from dlcore.search.offers import default_dimension, offers
from dlcore.search.pruners import PRUNERS
from dlcore.search.samplers import SAMPLERS
from dlcore.search.spec import SearchOptions
from dlcore.spec import ExperimentSpec, TrainingSpec
from dlcore.spec.augmentation import AUGMENTATIONS
from dlcore.spec.blocks import BLOCKS
from dlcore.spec.cleaning import CLEANING
from dlcore.spec.describe import Sort, describe
from dlcore.spec.fine_tuning import FineTuning
from dlcore.spec.layers import LAYERS, Add, Conv2D, Reshape
from dlcore.spec.losses import LOSSES
from dlcore.spec.optimizers import OPTIMIZERS, Adam
from dlcore.spec.preprocessing import STEPS, StringLookup
from dlcore.spec.regularizers import REGULARIZERS
from dlcore.spec.schedules import SCHEDULES, PiecewiseConstantDecay
from dlcore.spec.splits import SPLITS
from dlcore.spec.training import CLASS_WEIGHTS, EarlyStopping, PerClass
from tests.datasets import makers
from tests.spec.strategies import experiments, kinds
from tests.test_examples import EXAMPLES, facts_of

REGISTRIES = [
    LAYERS, BLOCKS, LOSSES, OPTIMIZERS, SCHEDULES, REGULARIZERS, AUGMENTATIONS, CLEANING, STEPS, SPLITS,
    CLASS_WEIGHTS, SAMPLERS, PRUNERS,
]  # fmt: skip
AWKWARD = [
    Adam(learning_rate=0.1234567891),
    Conv2D(kernel_size=(5, 7), inputs=("input",)),
    Add(inputs=("input", "input")),
    Reshape(target_shape=(-1, 7)),
    PiecewiseConstantDecay(boundaries=(1.23456789, 2.5), factors=(0.1, 1e-7)),
    StringLookup(columns=("a, b", "a, b", " c ")),
    PerClass(weights={"New York, NY: 2": 0.1234567891, "": 1e-9, " x ": 2.0}),
    EarlyStopping(start_from_epoch=10**20),
    TrainingSpec(metrics=("f1", "accuracy", "f1"), early_stopping=EarlyStopping(min_delta=1e-12)),
    FineTuning(rates={"b*": 0.5, "a, b": 1 / 3}, frozen=("x", "x"), unfreeze_from=" y "),
    SearchOptions(max_seconds=100.1, target=1 / 3, constraints={"parameters": 1e12 / 3}),
    ExperimentSpec(name="  spaces around  "),
]


def show_form():
    """The script of a page that is nothing but one form."""
    import streamlit as st

    from dlcore.ui.forms.form import Form

    form = Form("form", names=("input", "one"), titles={"f1": "F1"})
    given, only = st.session_state["given"], st.session_state["only"]
    st.session_state["edited"] = form.edit(given, only=only, flat=True)
    st.session_state["valid"] = form.valid


@pytest.fixture(scope="module")
def drawn():
    """Draws the form of a value twice; returns what the form gives back in the end."""

    def drawn(value):
        app = AppTest.from_function(show_form, default_timeout=120)
        app.session_state["given"] = value
        app.session_state["only"] = [f.name for f in describe(type(value)) if f.sort is not Sort.VALUES]
        for _ in range(2):
            app.run()
            assert not app.exception, app.exception
        assert app.session_state["valid"]
        return app.session_state["edited"]

    return drawn


@pytest.mark.parametrize("value", AWKWARD, ids=lambda value: type(value).__name__)
def test_what_a_widget_cannot_show_is_kept(drawn, value):
    assert drawn(value) is value


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(experiments, *map(kinds, REGISTRIES)))
def test_a_form_gives_back_the_very_value_it_was_given(drawn, value):
    assert drawn(value) is value


MAKERS = {
    "images": makers.colours,
    "people": makers.people,
    "series": makers.wave_series,
    "ratings": makers.some_ratings,
    "shops": makers.shops,
}


@pytest.fixture
def read_only(here, monkeypatch):
    """Makes a draft that nothing may write to; returns its id."""

    def made(spec, search):
        draft = here.store.drafts.create(spec.to_dict(), owner="local", search=search.to_dict())

        def refuse(*_values, **_more):
            raise AssertionError("the page wrote what nobody changed")

        monkeypatch.setattr(here.store.drafts, "save", refuse)
        return draft.id

    return made


def visit(open_page, draft, layers):
    """Opens every page that edits the draft, with each layer in the form, and looks at it twice."""
    for name in ("data", "build", "train", "search"):
        page = open_page(name, draft=draft)
        if name == "data":
            page.session_state["view"] = "Augmentation"
        for layer in ("", *layers) if name == "build" else ("",):
            page.session_state["selected_layer"] = layer
            page.run()
            assert not page.exception, page.exception
        page.switch_page("../../pages/new.py").run()
        page.switch_page(f"../../pages/{name}.py").run()
        assert not page.exception, page.exception


@cache
def shown():
    """The layers that are looked at of each proposal and example: the form of one that another has alike is the same."""
    specs = {name: proposal(CATALOGUE.get(name).facts) for name in CATALOGUE.names()}
    specs |= {path.stem: ExperimentSpec.load(path) for path in EXAMPLES}
    seen, found = set(), {}
    for name, spec in specs.items():
        alike = {repr(layer.updated(name="", inputs=())): layer.name for layer in spec.model.layers}
        found[name] = [layer for looks, layer in alike.items() if looks not in seen]
        seen |= set(alike)
    return found


def searched(spec, facts):
    """A search that varies all that can be varied."""
    found = offers(spec, {}, facts)
    return SearchDraft(
        {path: default_dimension(one, facts).model_dump(mode="json") for path, one in found.items()},
        active=True,
    )


@pytest.mark.parametrize("name", CATALOGUE.names())
def test_pages_leave_the_proposal_for_a_dataset_that_comes_along(open_page, read_only, name):
    visit(open_page, read_only(proposal(CATALOGUE.get(name).facts), SearchDraft()), shown()[name])


@pytest.mark.parametrize("name", MAKERS)
def test_pages_leave_the_proposal_for_data_of_ones_own(open_page, read_only, here, tmp_path, name):
    path = MAKERS[name](tmp_path / f"{name}.{'zip' if name == 'images' else 'csv'}")
    facts = ingest(path, here.settings, Choices(name=name), owner="local").facts
    spec = proposal(facts)
    visit(open_page, read_only(spec, SearchDraft()), [layer.name for layer in spec.model.layers])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_pages_leave_an_example(open_page, read_only, here, path):
    spec = ExperimentSpec.load(path)
    facts_of(spec.dataset.name, here.settings.home.parent)
    visit(open_page, read_only(spec, SearchDraft()), shown()[path.stem])


def test_pages_leave_a_search_of_everything(open_page, read_only):
    facts = CATALOGUE.get("digits").facts
    spec = proposal(facts).updated(augmentation=("RandomFlip", "RandomZoom", "RandomZoom"))
    draft = read_only(spec, searched(spec, facts))
    visit(open_page, draft, [layer.name for layer in spec.model.layers])


SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
# To shrink an example would take minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=6, suppress_health_check=SLOW, phases=PHASES)
@given(experiments)
def test_pages_leave_any_experiment(open_page, read_only, spec):
    on_digits = spec.updated(dataset=spec.dataset.updated(name="digits", version=""))
    visit(open_page, read_only(on_digits, SearchDraft()), [layer.name for layer in spec.model.layers])
