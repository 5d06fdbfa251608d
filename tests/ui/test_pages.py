"""Each page, opened directly, shows what a person comes for."""

import subprocess
import sys

import pytest
from streamlit.elements.lib import image_utils

from dlcore.access.actors import Actor
from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.records import RunState
from dlcore.spec import ExperimentSpec
from tests.store.test_studies import new_study
from tests.ui.conftest import ROOT, add, found, numbers, parameter, running, texts, view

PAGES = (
    "first", "new", "datasets", "data", "upload", "build", "train", "search", "runs", "run", "compare", "models",
    "studies", "study", "learn",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_page_opens_by_deep_link(open_page, page, language):
    assert open_page(page, language).title


def test_the_pages_and_the_app_run_without_tensorflow_and_keras(tmp_path):
    script = f"""
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = None
import app
from streamlit.testing.v1 import AppTest
for page in {PAGES!r}:
    test = AppTest.from_file("dlcore/ui/router.py", default_timeout=120).run()
    if page != "first":
        test.switch_page(f"../../pages/{{page}}.py").run()
    assert not test.exception, test.exception
assert not [name for name in sys.modules if name.split(".")[0] in ("jax", "torch")]
print("all pages ran")
"""
    environment = {"DLCORE_HOME": str(tmp_path), "DLCORE_START_WORKER": "false", "PATH": "/usr/bin"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.stdout.strip().endswith("all pages ran"), done.stderr


def test_the_first_visit_offers_the_example_and_one_click_queues_it(open_page, here):
    home = open_page("first")
    assert "Train the example now" in [button.label for button in home.button]

    home.button(key="example").click().run()

    (run,) = here.store.runs.list()
    assert (run.state, run.dataset, run.name) == (RunState.QUEUED, "digits", "digits · cnn · 1")


def test_a_ready_experiment_is_stored_and_queued_with_one_click(open_page, here):
    home = open_page("new")
    home.button(key="ready_tumours").click().run()

    assert not home.exception
    (run,) = here.store.runs.list()
    assert (run.state, run.dataset, run.name) == (
        RunState.QUEUED,
        "breast_cancer",
        "breast_cancer · table_mlp · 1",
    )
    assert run.owner == "local"
    # The second click uses what is stored.
    open_page("new").button(key="ready_tumours").click().run()
    assert len(here.store.runs.list()) == 2
    assert len(list((here.settings.stored_dir / "breast_cancer").iterdir())) == 1


def test_the_first_page_says_which_experiment_needs_a_network(open_page, here):
    (said,) = [line for line in texts(open_page("new")).splitlines() if "network." in line and "MB" in line]
    assert said == ":material/download: 11.5 MB are downloaded first: it needs a network."
    here.settings.datasets_dir.mkdir(parents=True)
    (here.settings.datasets_dir / "mnist.npz").write_bytes(b"")
    assert "downloaded first" not in texts(open_page("new"))


@pytest.mark.parametrize("begun", ["a draft", "a run", "a search"])
def test_the_first_page_is_that_of_the_experiments_once_there_is_one(open_page, here, begun):
    assert open_page("first").title[0].value == "Train a neural network, see it learn"
    if begun == "a draft":
        here.store.drafts.create(example().to_dict(), owner="local")
    elif begun == "a run":
        submit(here.store, example(), owner="local")
    else:
        new_study(here.store, "search", owner="local")
    assert open_page("first").title[0].value == "Experiments"


def test_what_others_have_begun_is_not_shown_first(open_page, here):
    submit(here.store, example(), owner="somebody")
    assert open_page("first").title[0].value == "Train a neural network, see it learn"


def test_a_draft_is_found_again_after_a_reload(open_page, here):
    build = open_page("build")
    draft = parameter(build, "draft")
    build.button(key="layer_remove").click().run()
    assert len(here.store.drafts.get(draft, actor=Actor("local")).spec["model"]["layers"]) == 4

    again = open_page("build", draft=draft)

    assert again.metric[0].value == "4"


def test_somebody_elses_draft_is_not_shown(open_page, here):
    foreign = here.store.drafts.create(example().model_copy(update={"name": "secret"}).to_dict(), owner="eve")
    page = open_page("build", draft=foreign.id)
    assert "secret" not in texts(page)
    assert [one.value for one in page.warning] == [
        f"There is no draft '{foreign.id}'. It may have been deleted."
    ]
    assert not page.metric


def test_a_layer_is_added_moved_duplicated_and_removed(open_page):
    page = open_page("build")
    assert page.metric[0].value == "5"
    page.button(key="layer_dense").click().run()
    add(page, "new_layer", "Dropout")
    assert page.metric[0].value == "6"
    page.button(key="layer_up").click().run()
    page.button(key="layer_copy").click().run()
    assert page.metric[0].value == "7"
    page.button(key="layer_remove").click().run()
    assert page.metric[0].value == "6"
    assert not page.exception


def test_the_diagram_keeps_each_line_of_a_layer_whole(open_page):
    drawn = texts(open_page("build", view="diagram"))
    assert 'n1["MaxPooling2D 2 × 2<br/>3 × 3 × 32"]' in drawn


def test_a_block_is_put_behind_the_chosen_layer_as_plain_layers(open_page, here):
    page = open_page("build")
    page.button(key="layer_conv2d").click().run()
    add(page, "new_layer", "Residual")
    found(page.number_input, "new_layer.Residual.filters").set_value(8).run()
    page.button(key="add_block").click().run()

    assert not page.exception
    layers = here.store.drafts.latest(owner="local").spec["model"]["layers"]
    names = [layer["name"] for layer in layers]
    assert names[:2] == ["conv2d", "residual_1_conv1"]
    assert names[names.index("max_pooling2d") - 1] == "residual_1_out"
    # Eight channels are not the 32 that come in, so the shortcut has a convolution of its own.
    assert "residual_1_skip" in names
    assert page.metric[0].value == "14"
    # The next one goes behind the block.
    add(page, "new_layer", "SqueezeExcite")
    page.button(key="add_block").click().run()
    layers = here.store.drafts.latest(owner="local").spec["model"]["layers"]
    assert layers[10]["name"] == "squeeze_excite_1_squeeze"
    assert not page.error


def test_a_block_that_does_not_fit_says_why(open_page):
    page = open_page("build")
    page.button(key="layer_flatten").click().run()
    add(page, "new_layer", "Inception")
    page.button(key="add_block").click().run()
    assert any("Expected an image (height, width, channels)" in error.value for error in page.error)
    assert page.metric[0].value == "5"


def test_a_layer_inside_another_one_is_chosen_in_the_form_of_the_outer(open_page, here):
    page = open_page("build")
    page.button(key="layer_flatten").click().run()
    add(page, "new_layer", "Bidirectional")
    (inner,) = [field for field in page.selectbox if field.label == "Layer"]
    assert inner.options == ["LSTM", "GRU", "SimpleRNN"]
    inner.set_value("GRU").run()
    (units,) = [field for field in page.number_input if field.label == "Units"]
    units.set_value(7).run()

    assert not page.exception
    layer = here.store.drafts.latest(owner="local").spec["model"]["layers"][3]["layer"]
    assert (layer["kind"], layer["units"]) == ("GRU", 7)
    # What places a layer in a model is asked for once.
    assert len([field for field in page.text_input if field.label == "Name"]) == 1


def test_the_first_problem_stands_beside_its_field(open_page):
    page = open_page("build")
    page.button(key="layer_conv2d").click().run()
    (kernel,) = [field for field in page.text_input if field.label == "Kernel size"]
    kernel.set_value("9").run()
    assert any("The window of 9 is larger than its input of 8" in error.value for error in page.error)
    assert not page.exception


def test_a_value_that_cannot_be_is_refused_and_the_draft_stays(open_page, here):
    page = open_page("build")
    page.button(key="layer_conv2d").click().run()
    before = here.store.drafts.latest(owner="local").spec
    (kernel,) = [field for field in page.text_input if field.label == "Kernel size"]
    kernel.set_value("three").run()
    assert page.error
    assert not page.exception
    assert here.store.drafts.latest(owner="local").spec == before


def test_training_settings_are_saved_as_they_are_changed(open_page, here):
    page = open_page("train")
    (epochs,) = [field for field in page.number_input if field.label == "Epochs"]
    epochs.set_value(3).run()
    (optimizer,) = [field for field in page.selectbox if field.label == "Optimizer"]
    optimizer.set_value("SGD").run()
    spec = ExperimentSpec.from_dict(here.store.drafts.latest(owner="local").spec)
    assert spec.training.epochs == 3
    assert (spec.training.optimizer.kind, spec.training.optimizer.learning_rate) == ("SGD", 0.01)


def test_start_training_queues_the_draft_as_it_is(open_page, here):
    page = open_page("train")
    page.button(key="launch").click().run()
    (run,) = here.store.runs.list()
    assert run.spec == here.store.drafts.latest(owner="local").spec


def test_a_model_that_does_not_fit_cannot_be_started(open_page, here):
    broken = example().with_values({"model.layers": []})
    draft = here.store.drafts.create(broken.to_dict(), owner="local")
    page = open_page("train", draft=draft.id)
    assert page.button(key="launch").disabled
    assert any("no layers" in error.value for error in page.error)


def test_the_runs_page_lists_runs_and_filters_them_by_the_url(open_page, here):
    submit(here.store, example(), owner="local")
    assert len(open_page("runs").dataframe[0].value) == 1
    assert not open_page("runs", q="nothing-like-it").dataframe


def test_what_moves_in_the_list_of_runs_stands_on_a_card_and_not_in_the_table(open_page, here):
    run = running(here, epoch=2, step=90, steps=410, summary={"validation": {"accuracy": 0.75}})
    submit(here.store, example(), owner="local")
    page = open_page("runs")
    assert view(page, "experiments")["lines"] == ["1 running · 1 queued"]
    assert numbers(page, "run")["Epoch"] == "2 / 10"  # the first card is that of the one at work
    assert any(f"run={run.id}" in link.proto.query_string for link in page.get("page_link"))
    table = page.dataframe[0].value
    assert list(table["id"])[1] == run.id
    assert table[["accuracy", "seconds"]].isna().all(axis=None)


def test_the_sidebar_says_what_the_machine_has_and_who_works(open_page, here):
    submit(here.store, example(), owner="local")
    drawn = view(open_page("new"), "status")
    assert [badge["text"] for badge in drawn["badges"]][-2:] == ["no worker", "1 queued"]
    assert drawn["note"]["code"] == "python -m dlcore worker"


@pytest.mark.parametrize(("name", "pictures"), [("data", 10), ("datasets", 1)])
def test_pictures_of_samples_are_encoded_once_and_not_for_each_click(open_page, monkeypatch, name, pictures):
    page = open_page(name)

    def anew(*_args, **_named):
        raise AssertionError("a picture is encoded anew")

    monkeypatch.setattr(image_utils, "_pil_to_bytes", anew)
    page.run()
    assert not page.exception, page.exception
    assert len(page.get("image")) >= pictures
