"""Word vectors on the Build page: uploaded, stored, chosen in the form of an Embedding, removed."""

import io
import zipfile

import pytest

from dlcore.datasets.vectors.stored import open_vectors, vectors_names
from dlcore.datasets.vectors.storing import store_vectors
from dlcore.spec import ExperimentSpec
from tests.datasets.makers import stored
from tests.ui.conftest import found, sent, settle, texts


@pytest.fixture
def draft(here, tmp_path):
    """A draft on texts whose first layer has a vector of 8 numbers for each word."""
    path = tmp_path / "texts.csv"
    rows = [f"a {word} day number {n},{word}" for n in range(20) for word in ("good", "bad")]
    path.write_text("text,label\n" + "\n".join(rows) + "\n")
    stored(path, here.settings)
    layers = [{"kind": "Embedding", "output_dim": 8}, {"kind": "GlobalAveragePooling1D"}, {"kind": "Dense"}]
    spec = ExperimentSpec.from_dict(
        {"dataset": {"name": "it"}, "preprocessing": ["TextVectorization"], "model": {"layers": layers}}
    )
    return here.store.drafts.create(spec.to_dict(), owner="local").id


@pytest.fixture
def glove(here, tmp_path):
    path = tmp_path / "glove.txt"
    path.write_text("good 1 2 3\nbad 4 5 6\n")
    return store_vectors(path, here.settings, owner="local", origin="glove.txt")


def embedding(here):
    return ExperimentSpec.from_dict(here.store.drafts.latest(owner="local").spec).model.layers[0]


@pytest.fixture
def form(open_page, draft):
    """Opens the page with the form of the first layer."""

    def opened(**query):
        page = open_page("build", draft=draft, **query)
        page.session_state["selected_layer"] = "embedding"
        page.run()
        assert not page.exception
        return page

    return opened


@pytest.fixture
def tab(form):
    """Opens the page with the tab of word vectors."""

    def opened(title="Word vectors", **query):
        page = form(**query)
        page.session_state["view"] = title
        page.run()
        assert not page.exception
        return page

    return opened


def test_chosen_vectors_set_the_length_of_the_layers_own(form, here, glove):
    page = form()
    box = found(page.selectbox, ".vectors")
    assert (box.label, box.options) == ("Word vectors", ["none", "glove · 3"])

    box.set_value("glove").run()

    assert (embedding(here).vectors, embedding(here).output_dim) == ("glove", 3)
    assert not page.error


def test_vectors_of_another_length_and_those_that_are_gone_are_marked(form, here, glove):
    page = form()
    found(page.selectbox, ".vectors").set_value("glove").run()
    found(page.number_input, ".output_dim").set_value(4).run()
    assert "The word vectors 'glove' have the length 3, and output_dim is 4. Set output_dim to 3" in texts(
        page
    )

    found(page.number_input, ".output_dim").set_value(3).run()
    (glove.folder / "manifest.json").unlink()
    glove.folder.rename(glove.folder.with_name(".gone"))
    page.run()
    assert "There are no word vectors 'glove'. Stored: –." in texts(page)
    assert embedding(here).vectors == "glove"


def test_other_data_has_no_field_for_word_vectors(open_page, here):
    layers = [{"kind": "Embedding", "inputs": ["input"], "input_dim": 9}, "Flatten", {"kind": "Dense"}]
    spec = ExperimentSpec.from_dict({"dataset": {"name": "digits"}, "model": {"layers": layers}})
    page = open_page("build", draft=here.store.drafts.create(spec.to_dict(), owner="local").id)
    page.session_state["selected_layer"] = "embedding"
    page.run()
    assert [box.key for box in page.selectbox if box.key.endswith(".vectors")] == []
    assert "Word vectors" not in [one.label for one in page.tabs]


def test_where_a_file_is_uploaded_is_said_while_none_is_stored(form):
    page = form()
    assert "Word vectors are uploaded in the tab “Word vectors” below." in texts(page)
    assert found(page.selectbox, ".vectors").options == ["none"]


def test_a_file_is_stored_and_offered(tab, here):
    data = "good 1 2 3\nbad 4 5 6\n" + "".join(f"w{n} 1 2 3\n" for n in range(40)) + "good 7 8 9\n"
    page = settle(tab(vectors=sent(here, "glove.6B.3d.txt", data.encode())), here)
    assert "Vector length: 3. The first words: good · bad · w0" in texts(page)

    page.button(key="store_vectors").click().run()
    page = settle(page, here)

    assert "**glove-6b-3d** is stored: 43 words." in page.success[0].value
    assert "words that come more than once: 1; the first vector counts" in texts(page).lower()
    assert open_vectors("glove-6b-3d", here.settings.vectors_dir).about.dimension == 3
    assert found(page.selectbox, ".vectors").options == ["none", "glove-6b-3d · 3"]


def test_of_a_zip_one_file_is_chosen_and_named(tab, here):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("a.2d.txt", "good 1 2\nbad 3 4\n")
        archive.writestr("a.3d.txt", "good 1 2 3\nbad 3 4 5\n")
    page = settle(tab(vectors=sent(here, "a.zip", sink.getvalue())), here)
    (box,) = [one for one in page.selectbox if one.label == "File in the zip"]
    assert box.options == ["a.2d.txt · 2", "a.3d.txt · 3"]
    box.set_value("a.3d.txt").run()
    (name,) = [one for one in page.text_input if one.label == "Name" and one.value == "a-3d"]
    name.set_value("mine").run()

    page.button(key="store_vectors").click().run()
    settle(page, here)

    assert vectors_names(here.settings.vectors_dir) == ("mine",)
    assert open_vectors("mine", here.settings.vectors_dir).about.dimension == 3


def test_what_is_no_file_of_vectors_says_so(tab, here):
    page = settle(tab(vectors=sent(here, "a.csv", b"name,age\nAnn,3\n")), here)

    assert "These are no word vectors; its first line is: name,age" in page.error[0].value
    assert "store_vectors" not in [button.key for button in page.button]


def test_a_name_that_is_taken_is_refused_and_the_file_is_kept(tab, here, glove):
    page = settle(tab(vectors=sent(here, "glove.txt", b"good 1 2\nbad 3 4\n")), here)
    page.button(key="store_vectors").click().run()
    page = settle(page, here)
    assert "Word vectors called 'glove' already exist" in page.error[0].value

    page.button(key="leave_vectors").click().run()

    assert "Vector length: 2." in texts(page)


def test_the_tab_speaks_chinese(open_page, draft, glove):
    page = open_page("build", language="zh_CN", draft=draft, view="vectors")
    assert "词向量" in [one.label for one in page.tabs]
    assert "157 种语言" in texts(page)
