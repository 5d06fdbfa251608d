"""A search is defined on the page Search, and by the switches of Data, Network and Training."""

import pytest

from dlcore.access.actors import Actor
from dlcore.queue.processes import own_identity
from dlcore.queue.ready import example
from dlcore.records import Origin, StudyState, TrialState
from dlcore.search.spec import SearchOptions, SearchSpec
from dlcore.ui.search import start as search_start
from tests.store.test_studies import new_study
from tests.ui.conftest import add, found, named, parameter, texts

RATE = "training.optimizer.learning_rate"
OPTIMIZER = "training.optimizer"
MOMENTUM = "training.optimizer.momentum"
KERNEL = "model.layers[conv2d].kernel_size"
LOG_RANGE = {"kind": "Range", "low": 0.0001, "high": 0.01, "log": True, "step": None}


@pytest.fixture
def searched(here):
    """Makes a draft with a space; gives its id."""

    def made(space, **options):
        search = {"space": space, "search": options}
        return here.store.drafts.create(example().to_dict(), owner="local", search=search).id

    return made


@pytest.fixture
def space(here):
    """The space of the latest draft as it is stored."""
    return lambda: here.store.drafts.latest(owner="local").search["space"]


def mode_on(page):
    return found(page.segmented_control, ".search_mode").set_value("search").run()


def test_a_normal_visitor_sees_no_switches(open_page):
    for name in ("data", "build", "train"):
        page = open_page(name)
        assert not [button for button in page.button if button.key.endswith(".on")]


def test_a_learning_rate_becomes_a_logarithmic_range_and_a_field_again(open_page, space):
    page = mode_on(open_page("train"))
    found(page.button, f"{RATE}.on").click().run()
    assert space() == {RATE: LOG_RANGE}
    assert found(page.checkbox, f"{RATE}.log").value is True

    found(page.number_input, f"{RATE}.low").set_value(0.001).run()
    assert space()[RATE]["low"] == 0.001

    found(page.button, f"{RATE}.on").click().run()
    assert space() == {}
    assert not page.exception


def test_an_optimizer_becomes_a_set_and_momentum_is_searched_where_there_is_one(open_page, space, here):
    page = mode_on(open_page("train"))
    found(page.button, f"{OPTIMIZER}.on").click().run()
    found(page.multiselect, f"{OPTIMIZER}.choices").set_value(["Adam", "SGD"]).run()
    assert space()[OPTIMIZER] == {"kind": "Choices", "choices": ["Adam", "SGD"]}
    found(page.multiselect, f"{OPTIMIZER}.others").set_value([MOMENTUM]).run()
    assert not page.exception
    assert not page.error
    assert space()[MOMENTUM] == {"kind": "Range", "low": 0.0, "high": 0.5, "log": False, "step": None}


def test_a_number_can_be_a_set_that_is_typed(open_page, space):
    page = mode_on(open_page("train"))
    found(page.button, "training.batch_size.on").click().run()
    assert space()["training.batch_size"]["choices"] == [16, 32, 64, 128]
    found(page.text_input, "training.batch_size.set").set_value("8, 24").run()
    assert space()["training.batch_size"]["choices"] == [8, 24]
    found(page.text_input, "training.batch_size.set").set_value("8, many").run()
    assert any("Expected a whole number, got 'many'" in error.value for error in page.error)


def test_a_range_that_cannot_be_is_said_beside_the_field_and_not_taken(open_page, space, searched):
    page = open_page("train", draft=searched({RATE: LOG_RANGE}))
    found(page.number_input, f"{RATE}.low").set_value(0.5).run()
    assert any("The lowest value 0.5 is above the highest 0.01" in error.value for error in page.error)
    assert space() == {RATE: LOG_RANGE}
    assert page.button(key="start_search").disabled


def test_a_range_beyond_the_fields_limits_is_said_beside_it(open_page, searched):
    space = {OPTIMIZER: {"kind": "Choices", "choices": ["SGD"]}, MOMENTUM: {"kind": "Range", "high": 3}}
    page = open_page("train", draft=searched(space))
    assert any("goes beyond what momentum can be" in error.value for error in page.error)


def test_a_layer_may_be_absent_or_repeated_or_of_another_kind(open_page, space):
    page = mode_on(open_page("build"))
    page.button(key="layer_max_pooling2d").click().run()
    path = "model.layers[max_pooling2d]"
    found(page.selectbox, f"structure.{path}").set_value("Presence").run()
    assert space() == {path: {"kind": "Presence"}}
    found(page.selectbox, f"structure.{path}").set_value("Repeat").run()
    assert space() == {path: {"kind": "Repeat", "low": 1, "high": 3}}
    found(page.selectbox, f"structure.{path}").set_value("Choices").run()
    found(page.multiselect, f"{path}.choices").set_value(["MaxPooling2D", "AveragePooling2D"]).run()
    assert space() == {path: {"kind": "Choices", "choices": ["MaxPooling2D", "AveragePooling2D"]}}
    found(page.selectbox, f"structure.{path}").set_value("as it is").run()
    assert space() == {}
    assert not page.exception


def test_a_block_is_repeated_and_templates_are_searched_from_the_build_page(open_page, space):
    page = mode_on(open_page("build"))
    found(page.selectbox, "block.first").set_value("conv2d").run()
    page.button(key="add_block").click().run()
    assert space() == {"model.layers[conv2d:max_pooling2d]": {"kind": "Repeat", "low": 1, "high": 3}}
    page.button(key="search_templates").click().run()
    assert space()["model"] == {"kind": "Choices", "choices": ["as drafted", "cnn"]}
    assert not page.exception


def test_a_dimension_of_a_layer_that_was_removed_stays_until_it_is_removed_itself(open_page, space, searched):
    page = open_page("build", draft=searched({KERNEL: {"kind": "Choices", "choices": [3, 5]}}))
    page.button(key="layer_conv2d").click().run()
    page.button(key="layer_remove").click().run()
    assert KERNEL in space()
    assert any("There is no layer 'conv2d'" in error.value for error in page.error)
    page.button(key=f"remove.{KERNEL}").click().run()
    assert space() == {}
    page.button(key="undo").click().run()
    assert KERNEL in space()
    page.button(key="undo").click().run()
    assert not page.error, "the layer is there again"


def test_a_repeated_block_whose_layer_was_removed_is_named_once(open_page, space, searched):
    block = "model.layers[conv2d:max_pooling2d]"
    page = open_page("build", draft=searched({block: {"kind": "Repeat", "low": 1, "high": 3}}))
    page.button(key="layer_conv2d").click().run()
    page.button(key="layer_remove").click().run()
    assert not page.exception
    assert any("There is no layer 'conv2d'" in error.value for error in page.error)
    page.button(key=f"remove.{block}").click().run()
    assert space() == {}


def test_a_renamed_layer_takes_its_dimensions_along(open_page, space, searched):
    page = open_page("build", draft=searched({KERNEL: {"kind": "Choices", "choices": [3, 5]}}))
    page.button(key="layer_conv2d").click().run()
    (name,) = [field for field in page.text_input if field.label == "Name"]
    name.set_value("eyes").run()
    assert list(space()) == ["model.layers[eyes].kernel_size"]
    assert not page.error


def test_how_the_data_is_prepared_is_searched_by_switches_on_the_data_page(open_page, space, here):
    page = mode_on(open_page("data"))
    found(page.button, "dataset.validation_fraction.on").click().run()
    found(page.number_input, "dataset.validation_fraction.high").set_value(0.3).run()
    assert space()["dataset.validation_fraction"]["high"] == 0.3
    add(page, "preprocessing", "Resizing")
    found(page.button, "preprocessing[1].height.on").click().run()
    assert list(space()) == ["dataset.validation_fraction", "preprocessing[1].height"]
    assert not page.exception


def test_what_is_searched_of_a_step_follows_it_on_the_data_page(open_page, space, searched, here):
    factor = "augmentation[{}].factor"
    spec = example().with_values({"augmentation": [{"kind": "RandomFlip"}, {"kind": "RandomRotation"}]})
    ranges = {factor.format(1): {"kind": "Range", "low": 0.05, "high": 0.2}}
    draft = here.store.drafts.create(spec.to_dict(), owner="local", search={"space": ranges})
    page = open_page("data", draft=draft.id)
    page.session_state["view"] = "Augmentation"
    page.run()
    assert found(page.number_input, f"{factor.format(1)}.low").value == 0.05
    named(page, "Remove: Flip").click().run()
    assert list(space()) == [factor.format(0)]
    assert found(page.number_input, f"{factor.format(0)}.low").value == 0.05
    named(page, "Remove: Rotation").click().run()
    assert space() == {}
    assert not page.exception


def test_any_field_is_added_on_the_search_page_changed_and_removed(open_page, space):
    page = open_page("search")
    adder = found(page.selectbox, "new_dimension")
    assert "Training › Optimizer › Learning rate" in adder.options
    adder.set_value(RATE).run()
    page.button(key="add_dimension").click().run()
    assert space() == {RATE: LOG_RANGE}
    assert not page.button(key="start_search").disabled
    found(page.number_input, f"{RATE}.high").set_value(0.1).run()
    assert space()[RATE]["high"] == 0.1
    named(page, f"Stop searching: {RATE}").click().run()
    assert space() == {}
    assert not page.exception


def test_what_is_changed_on_one_page_is_not_written_back_by_another(open_page, space, searched):
    page = open_page("train", draft=searched({RATE: LOG_RANGE}))
    page.switch_page("../../pages/search.py").run()
    named(page, "Change: Training › Optimizer › Learning rate").click().run()
    found(page.number_input, f"{RATE}.high").set_value(0.1).run()
    page.switch_page("../../pages/train.py").run()
    assert space()[RATE]["high"] == 0.1
    assert found(page.number_input, f"{RATE}.high").value == 0.1


def test_models_that_cannot_be_are_announced_with_an_example(open_page, searched):
    page = open_page("search", draft=searched({KERNEL: {"kind": "Choices", "choices": [3, 5, 9]}}))
    (warning,) = [one.value for one in page.warning]
    assert "of the trials would not make a valid model" in warning
    assert "conv2d › Kernel size = 9: The window of 9 is larger than its input of 8" in warning
    assert not page.button(key="start_search").disabled


def test_a_problem_of_the_options_stands_beside_them(open_page, searched):
    draft = searched({RATE: LOG_RANGE}, pruner={"kind": "WilcoxonPruner"})
    page = open_page("search", draft=draft)
    assert len([e for e in page.error if "compares trials seed by seed" in e.value]) == 2
    assert page.button(key="start_search").disabled


def test_only_what_the_experiment_measures_is_offered(open_page):
    page = open_page("search")
    metrics = found(page.selectbox, ".metrics.add")
    assert "Accuracy · validation ↑" in metrics.options
    assert "Parameters ↓" in metrics.options
    assert not [title for title in metrics.options if "squared" in title]


def test_start_makes_a_study_of_exactly_what_was_defined(open_page, here, searched, monkeypatch):
    # The page of a study is another one's work.
    monkeypatch.setattr(search_start, "STUDY_PAGE", "../../pages/runs.py")
    page = open_page("search", draft=searched({RATE: LOG_RANGE}))
    add(page, ".metrics", "val_accuracy")
    add(page, ".metrics", "parameters")
    found(page.selectbox, "new_limit").set_value("parameters").run()
    found(page.number_input, "limit.parameters").set_value(40_000.0).run()
    found(page.selectbox, ".how.sampler").set_value("NSGAIISampler").run()
    found(page.number_input, "NSGAIISampler.population_size").set_value(10).run()
    found(page.selectbox, ".how.pruner").set_value("NopPruner").run()
    found(page.number_input, ".long.max_trials").set_value(20).run()
    found(page.number_input, ".long.seeds").set_value(2).run()
    found(page.number_input, ".time.min").set_value(30.0).run()
    found(page.number_input, f"hand.{RATE}").set_value(0.002).run()
    page.button(key="add_hand").click().run()
    assert not page.exception
    assert not page.error, page.error
    page.button(key="start_search").click().run()

    (study,) = here.store.studies.list()
    spec = SearchSpec.from_dict(study.spec)
    assert (study.state, study.dataset, study.owner) == (StudyState.RUNNING, "digits", "local")
    assert study.metrics == ("val_accuracy", "parameters")
    assert study.directions == ("maximize", "minimize")
    assert (study.max_trials, study.max_seconds, study.target) == (20, 1800, None)
    assert spec.experiment == example()
    assert {path: one.model_dump(mode="json") for path, one in spec.space.items()} == {RATE: LOG_RANGE}
    options = spec.search
    assert options.constraints == {"parameters": 40_000}
    assert (options.sampler.kind, options.sampler.population_size) == ("NSGAIISampler", 10)
    assert (options.pruner.kind, options.seeds, options.try_defaults) == ("NopPruner", 2, True)
    assert options.first == ({RATE: 0.002},)


def test_a_search_that_nobody_touched_has_the_options_of_a_new_one(open_page, here, searched, monkeypatch):
    monkeypatch.setattr(search_start, "STUDY_PAGE", "../../pages/runs.py")
    page = open_page("search", draft=searched({RATE: LOG_RANGE}))
    page.button(key="start_search").click().run()
    (study,) = here.store.studies.list()
    assert SearchSpec.from_dict(study.spec).search == SearchOptions()


def test_a_first_trial_beyond_the_space_is_said_and_can_be_removed(open_page, here, searched):
    draft = searched({RATE: LOG_RANGE}, first=[{RATE: 0.5}, {RATE: 0.005}])
    page = open_page("search", draft=draft)
    assert any("Expected a value within its range" in error.value for error in page.error)
    assert page.button(key="start_search").disabled
    named(page, "Remove: trial 1").click().run()
    assert here.store.drafts.latest(owner="local").search["search"]["first"] == [{RATE: 0.005}]
    assert not page.button(key="start_search").disabled


def test_a_search_goes_out_as_yaml_and_comes_in_again(open_page, here, searched):
    page = open_page("search", draft=searched({RATE: LOG_RANGE}, seeds=3))
    text = page.code[0].value
    assert "training.optimizer.learning_rate: {" in text
    other = open_page("search", draft=searched({}))
    found(other.text_area, "search_paste").set_value(text).run()
    other.button(key="import_search").click().run()
    assert not other.exception
    stored = here.store.drafts.get(parameter(other, "draft"), actor=Actor("local")).search
    assert stored["space"] == {RATE: LOG_RANGE}
    assert stored["search"]["seeds"] == 3


def test_a_file_that_is_no_search_changes_nothing(open_page, here):
    page = open_page("search")
    found(page.text_area, "search_paste").set_value("space: [1]").run()
    page.button(key="import_search").click().run()
    assert page.error
    assert not page.exception
    assert "space" in texts(page)


def test_the_best_of_a_past_study_on_the_same_data_is_offered_as_far_as_it_fits(open_page, here, searched):
    me = own_identity()
    assert here.store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: False)
    for name, dataset in (("past", "digits"), ("elsewhere", "mnist")):
        study = new_study(here.store, name, dataset=dataset)
        with here.store.studies.driving(study.id, me.id) as write:
            write.add_trial(0, origin=Origin.SAMPLED, params={RATE: 0.003, "training.epochs": 7})
            write.set_trial(0, state=TrialState.COMPLETE, values=(0.97,))
            write.set_study(best=0, best_value=0.97)
    page = open_page("search", draft=searched({RATE: LOG_RANGE}))
    past = found(page.selectbox, ".past")
    assert past.options == ["past · #0 · 97.00%"]
    past.set_value(past.options[0]).run()
    page.button(key="add_past").click().run()
    assert here.store.drafts.latest(owner="local").search["search"]["first"] == [{RATE: 0.003}]
    assert not page.exception
