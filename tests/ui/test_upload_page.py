"""The page on which people bring their own data, with a file that has arrived already."""

import io
import shutil
import zipfile

import pytest
import streamlit as st
from PIL import Image

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.stored import open_stored, stored_names
from dlcore.datasets.uploads import find_upload
from dlcore.errors import DatasetError, Message
from dlcore.queue.jobs import SourceFile, request_ingestion
from dlcore.queue.ready import READY
from dlcore.records import JobState, JobUnit
from dlcore.spec.data import DataKind
from dlcore.web.context import Context, context
from tests.datasets.makers import cats
from tests.queue.jobs import do_jobs
from tests.ui.conftest import found, parameter, sent, settle, texts, view

SHOP = "age,city,bought\n" + "\n".join(
    f"{20 + i},{'Oslo' if i % 3 else 'Rome'},{'yes' if i % 2 else 'no'}" for i in range(40)
)


@pytest.fixture
def opened(open_page, here):
    """Opens the page, whose file somebody has looked at by then."""
    return lambda **query: settle(open_page("upload", **query), here)


def pictures(broken=()):
    """A zip of eight little pictures in two folders, some of them no pictures at all."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(8):
            image = io.BytesIO()
            Image.new("RGB", (9, 9), (number * 30, 99, 9)).save(image, "PNG")
            archive.writestr(f"{'cats' if number % 2 else 'dogs'}/{number}.png", image.getvalue())
        for name in broken:
            archive.writestr(name, b"no picture")
    return packed.getvalue()


def finished(page, here):
    """The page once the data is stored, or is not."""
    assert parameter(page, "ingestion")
    return settle(page, here)


def box(page, label):
    (found,) = [field for field in page.selectbox if field.label == label]
    return found


def values(page):
    return {metric.label: metric.value for metric in page.metric}


def test_the_page_opens_with_a_field_for_a_file_and_its_token_in_the_url(open_page, here):
    page = open_page("upload")
    upload = find_upload(parameter(page, "upload"), here.settings)
    assert (upload.owner, upload.size) == ("local", 0)

    again = open_page("upload", upload=upload.token)

    assert parameter(again, "upload") == upload.token


def test_somebody_elses_upload_is_not_shown(open_page, here):
    foreign = sent(here, "secret.csv", SHOP.encode(), owner="eve")
    page = open_page("upload", upload=foreign)
    assert "secret" not in texts(page)
    assert parameter(page, "upload") != foreign


def test_a_table_is_guessed_shown_and_stored_as_it_was_corrected(opened, here):
    page = opened(upload=sent(here, "Shop visits.csv", SHOP.encode()))
    assert (box(page, "Kind").value, box(page, "Task").value) == ("table", "binary classification")
    assert values(page) == {"Samples": "40", "Classes": "2", "Refused": "0"}

    (name,) = [field for field in page.text_input if field.label == "Name"]
    assert name.value == "shop-visits"
    name.set_value("shop").run()
    page.button(key="store").click().run()
    page = finished(page, here)

    dataset = open_stored("shop", here.settings)
    assert (dataset.facts.owner, dataset.facts.size, dataset.origin) == ("local", 40, "Shop visits.csv")
    assert "is stored: 40 samples" in page.success[0].value


def correct_columns(page, token, **rows):
    """What the table of columns sends when cells of it are changed."""
    edited = {int(row[1:]): change for row, change in rows.items()}
    state = {"edited_rows": edited, "added_rows": [], "deleted_rows": []}
    page.session_state[f"{token}.table.(',', '', '', ()).utf-8-sig.True.columns"] = state
    page.run()
    assert not page.exception


def test_another_target_is_another_task(opened, here):
    token = sent(here, "shop.csv", SHOP.encode())
    page = opened(upload=token)

    correct_columns(page, token, _0={"role": "target"}, _2={"role": "feature"})
    settle(page, here)

    assert box(page, "Task").value == "regression"
    assert "Classes" not in values(page)


def test_what_stands_in_the_way_is_said_until_it_is_corrected(opened, here):
    token = sent(here, "words.csv", b"word\n" + b"".join(b"%d\n" % number for number in range(30)))
    page = opened(upload=token)
    assert "o column has the role of a feature" in page.error[0].value
    assert page.button(key="store").disabled

    box(page, "Kind").set_value(DataKind.SERIES).run()
    settle(page, here)

    assert not page.error
    assert box(page, "Task").value == "forecasting"
    assert not page.button(key="store").disabled


def test_what_is_in_doubt_is_stored_once_it_is_accepted(opened, here, tmp_path):
    page = opened(upload=sent(here, "cats.zip", cats(tmp_path / "cats.zip").read_bytes()))
    assert "There is only one class, 'cat'" in page.warning[0].value
    assert page.button(key="store").disabled
    page.checkbox[0].check().run()
    page.button(key="store").click().run()
    settle(page, here)
    assert open_stored("cats", here.settings).facts.classes == ("cat",)


def test_what_stands_in_the_way_keeps_it_from_being_stored_elsewhere_too(here, tmp_path):
    file = tmp_path / "words.csv"
    file.write_text("word\n1\n2\n3\n")
    with pytest.raises(DatasetError, match="no column has the role of a feature"):
        ingest(file, here.settings, owner="local")
    assert stored_names(here.settings) == ()


def voices():
    """A zip of eight texts, whose names say who spoke and how often."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(8):
            archive.writestr(
                f"{number % 2}/{number % 2}_{'ann' if number < 4 else 'bob'}_{number}.txt", "word"
            )
    return packed.getvalue()


def test_the_group_is_a_part_of_the_files_names_of_which_some_are_shown(opened, here):
    page = opened(upload=sent(here, "voices.zip", voices()))
    group = box(page, "Group, by file name")
    assert group.options == [
        "None",
        "Part 1 between _: 0, 1 (2)",
        "Part 2 between _: ann, bob (2)",
        "Part 3 between _: 0, 1, 2, 3, … (8)",
        "By a pattern",
    ]
    group.set_value("2_").run()
    settle(page, here)
    assert sorted(set(page.dataframe[1].value["Group"])) == ["ann", "bob"]
    page.button(key="store").click().run()
    finished(page, here)
    assert set(open_stored("voices", here.settings).groups) == {"ann", "bob"}


def by_pattern(page, here, pattern):
    """The page after somebody has typed that pattern."""
    if (rule := box(page, "Group, by file name")).value != "pattern":
        rule.set_value("pattern").run()
        settle(page, here)
    (field,) = [field for field in page.text_input if field.label == "Pattern"]
    field.set_value(pattern).run()
    return settle(page, here)


def test_a_pattern_that_is_none_is_said_and_not_stored(opened, here):
    page = opened(upload=sent(here, "pets.zip", pictures()))
    page = by_pattern(page, here, "(a")
    assert page.error[0].value.startswith("group: ")
    assert page.button(key="store").disabled

    page = by_pattern(page, here, "^([0-9])")

    assert not page.error
    shown = page.dataframe[1].value
    assert sorted(shown["Group"]) == ["0", "1", "2", "3", "4", "5", "6", "7"]


def test_nothing_of_a_strangers_file_is_read_by_the_page(open_page, here, monkeypatch):
    def read(*_, **__):
        raise AssertionError("the page reads the file itself")

    for module in ("cells.read_cells", "open_table.read_cells", "members.members", "folders.members"):
        monkeypatch.setattr(f"dlcore.datasets.ingest.{module}", read)
    page = open_page("upload", upload=sent(here, "shop.csv", SHOP.encode()))
    (job,) = here.store.jobs.unfinished()
    assert (job.what, job.owner) == ("inspection", "local")
    assert "Analyzing the data" in texts(page)
    assert "python -m dlcore worker" in page.code[0].value, "nobody is there to look"


def test_a_look_is_cancelled_and_taken_again(open_page, here):
    page = open_page("upload", upload=sent(here, "shop.csv", SHOP.encode()))
    (job,) = here.store.jobs.unfinished()
    page.button(key=f"cancel_{job.id}").click().run()
    page.run()
    assert here.store.jobs.get(job.id).state is JobState.CANCELLED
    assert "Cancelled." in texts(page)

    page.button(key="look_again").click().run()
    settle(page, here)

    assert box(page, "Kind").value == "table"


def test_storing_is_cancelled_and_the_corrections_are_still_there(opened, here):
    page = opened(upload=sent(here, "shop.csv", SHOP.encode()))
    page.button(key="store").click().run()
    job = here.store.jobs.get(parameter(page, "ingestion"))
    page.button(key=f"cancel_{job.id}").click().run()
    page.run()
    assert "Cancelled; nothing was stored." in texts(page)
    assert stored_names(here.settings) == ()

    page.button(key="leave").click().run()

    assert not page.exception
    assert not page.button(key="store").disabled


def test_how_far_storing_is_stands_on_the_page(opened, here):
    page = opened(upload=sent(here, "shop.csv", SHOP.encode()))
    page.button(key="store").click().run()
    job = here.store.jobs.get(parameter(page, "ingestion"))
    here.store.jobs.start(job)
    here.store.jobs.report(job.id, 1, 2_000_000, 8_000_000, JobUnit.BYTES)
    page.run()
    assert view(page, "job")["progress"] == {"share": 0.25, "text": "2 MB of 8 MB"}


def test_a_look_that_was_swept_away_is_taken_again(opened, here):
    token = sent(here, "shop.csv", SHOP.encode())
    opened(upload=token)
    shutil.rmtree(here.settings.jobs_dir)
    st.cache_data.clear()
    assert box(opened(upload=token), "Kind").value == "table"


def test_how_a_file_of_text_is_read_can_be_corrected(opened, here):
    rows = "größe;alt\n" + "\n".join(f"{number},5;{'ja' if number % 2 else 'nein'}" for number in range(30))
    page = opened(upload=sent(here, "maße.csv", rows.encode("cp1252")))
    box(page, "Encoding").set_value("cp1252").run()
    settle(page, here)
    box(page, "Delimiter").set_value(";").run()
    settle(page, here)
    assert list(page.dataframe[-1].value.columns) == ["größe", "alt"]


def test_what_cannot_be_used_is_said_before_and_after(opened, here):
    token = sent(here, "pets.zip", pictures(broken=["cats/bad.png", "dogs/<b>worse</b>.png"]))
    page = opened(upload=token)
    assert (box(page, "Kind").value, values(page)["Classes"]) == ("image", "2")

    page.button(key="store").click().run()
    page = finished(page, here)

    assert open_stored("pets", here.settings).facts.classes == ("cats", "dogs")
    assert values(page) == {"Samples": "8", "Refused": "2"}
    refused = page.dataframe[0].value
    assert set(refused["File or row"]) == {"cats/bad.png", "dogs/<b>worse</b>.png"}
    assert all(refused["Reason"])


def test_what_is_stored_is_no_longer_kept_as_an_upload(opened, here):
    token = sent(here, "shop.csv", SHOP.encode())
    page = opened(upload=token)
    page.button(key="store").click().run()
    page = finished(page, here)
    assert find_upload(token, here.settings) is None

    page.button(key="leave").click().run()

    assert not page.exception
    assert parameter(page, "upload") != token


def test_a_reload_a_second_tab_and_a_restarted_server_find_the_ingestion_again(opened, open_page, here):
    token = sent(here, "shop.csv", SHOP.encode())
    page = opened(upload=token)
    page.button(key="store").click().run()
    ingestion = parameter(page, "ingestion")
    context.cache_clear()

    other = finished(open_page("upload", ingestion=ingestion), here)

    assert "is stored" in other.success[0].value
    assert other.button(key="use_new").label == "Use shop"


def test_somebody_elses_ingestion_is_not_shown(open_page, here, tmp_path):
    file = tmp_path / "secret.csv"
    file.write_text(SHOP)
    choices = Choices(name="secret")
    foreign = request_ingestion(here.store, SourceFile.at(file, "secret.csv"), choices, owner="eve")
    do_jobs(here.store)
    page = open_page("upload", ingestion=foreign.id)
    assert not page.success
    assert "ingestion" not in page.query_params


def test_a_name_that_is_taken_or_impossible_is_refused_beside_the_form(opened, here, tmp_path):
    file = tmp_path / "shop.csv"
    file.write_text(SHOP)
    ingest(file, here.settings, Choices(name="theirs"), owner="eve")
    page = opened(upload=sent(here, "shop.csv", SHOP.encode()))
    for name, problem in [("theirs", "dataset called"), ("mnist", "dataset called"),
                          ("../up", "cannot be called"), ("", "cannot be called")]:  # fmt: skip
        (field,) = [field for field in page.text_input if field.label == "Name"]
        field.set_value(name).run()
        page.button(key="store").click().run()
        assert problem in page.error[0].value
        assert "ingestion" not in page.query_params


def test_corrections_are_still_there_after_storing_failed(opened, here):
    token = sent(here, "pets.csv", b"a,b\n1,x\n2,y\n3,x\n")
    page = opened(upload=token)
    (title,) = [field for field in page.text_input if field.label == "Title"]
    title.set_value("My pets").run()
    settle(page, here)
    correct_columns(page, token, _0={"role": "target"}, _1={"role": "feature"})
    settle(page, here)
    page.button(key="store").click().run()
    job = here.store.jobs.get(parameter(page, "ingestion"))
    here.store.jobs.start(job)
    here.store.jobs.finish(job.id, 1, Message("the disk is full."))
    page.run()
    assert page.error[0].value == "The disk is full."

    page.button(key="leave").click().run()

    assert not page.exception
    (title,) = [field for field in page.text_input if field.label == "Title"]
    assert title.value == "My pets"
    assert list(page.dataframe[0].value["role"]) == ["target", "feature"]
    assert stored_names(here.settings) == ()


@pytest.mark.parametrize("content", [b"", b"\x80\x04K\x01.", b"PK\x03\x04 no zip", b"<html>"])
def test_a_file_that_is_nothing_known_is_refused_with_a_reason(opened, here, content):
    page = opened(upload=sent(here, "thing.zip", content or b" "))
    assert not page.exception
    assert page.error
    assert "store" not in [button.key for button in page.button]


def test_names_of_people_are_text(opened, here):
    hostile = "<img src=x onerror=alert(1)> **bold** :red[x].csv"
    page = opened(upload=sent(here, hostile, SHOP.encode()))
    assert r"**\<img src=x onerror=alert…)> \*\*bold\*\* :color[\:]red\[x\].csv**" in texts(page)


def test_use_it_starts_a_draft_with_what_such_data_starts_with(opened, here):
    page = opened(upload=sent(here, "pets.zip", pictures()))
    page.button(key="store").click().run()
    page = finished(page, here)

    page.button(key="use_new").click().run()

    assert not page.exception
    spec = here.store.drafts.latest(owner="local").spec
    # Its name follows the dataset and the model until a person gives it one.
    assert (spec["dataset"]["name"], spec["name"]) == ("pets", "")
    assert [step["kind"] for step in spec["preprocessing"]] == ["Rescaling"]
    assert found(page.selectbox, ".dataset").value == "pets"


def allowing(monkeypatch, here, root):
    """The pages under settings that let them read `root`."""
    allowed = Context(here.settings.model_copy(update={"data_roots": (root,)}), here.store)
    for module in (
        "upload.source",
        "upload.correction",
        "upload.progress",
        "upload.own_datasets",
        "shared.uploads",
    ):
        monkeypatch.setattr(f"dlcore.ui.{module}.context", lambda: allowed)


def test_a_folder_of_the_server_is_stored_where_that_is_allowed(open_page, here, tmp_path, monkeypatch):
    root = tmp_path / "data"
    with zipfile.ZipFile(io.BytesIO(pictures())) as archive:
        archive.extractall(root / "pets")
    allowing(monkeypatch, here, root)
    page = open_page("upload")
    page.segmented_control(key="way").set_value("A folder on the server").run()
    page.text_input(key="path").set_value(str(root / ".." / ".." / "etc")).run()
    assert "may not be read" in page.error[0].value

    page.text_input(key="path").set_value(str(root / "pets")).run()
    settle(page, here)
    page.button(key="store").click().run()
    finished(page, here)

    assert open_stored("pets", here.settings).facts.size == 8


def test_no_folder_is_offered_where_none_is_allowed(open_page):
    way = open_page("upload").segmented_control(key="way")
    assert list(way.options) == ["Upload a file", "From keras.datasets"]


def test_own_datasets_stand_in_the_gallery_with_a_look_at_them_and_begin_an_experiment(
    open_page, here, tmp_path
):
    file = tmp_path / "shop.csv"
    file.write_text(SHOP)
    ingest(file, here.settings, Choices(name="shop", title="Shop"), owner="local")
    ingest(file, here.settings, Choices(name="theirs"), owner="eve")
    pets = tmp_path / "pets.zip"
    pets.write_bytes(pictures())
    ingest(pets, here.settings, Choices(name="pets"), owner="local")

    page = open_page("datasets")

    said = texts(page)
    assert "table · binary classification · 40 samples · shop · yours" in said
    assert "table · binary classification · 40 samples · theirs · eve" in said
    first = [button.key for button in page.button if button.key and button.key.startswith("use.")]
    assert first[:4] == ["use.pets", "use.theirs", "use.shop", "use.digits"]
    assert [len(one.value) for one in page.table] == [3, 3]
    page.button(key="use.shop").click().run()
    assert not page.exception
    draft = here.store.drafts.latest(owner="local")
    assert (draft.dataset, draft.number) == ("shop", 1)


def test_every_kind_of_data_is_shown_in_the_gallery(open_page, here):
    for name in ("instruments", "language-of-words"):
        READY[name].prepared(here.settings, owner="local")
    page = open_page("datasets")
    assert not page.exception
    assert len(page.get("image")) == 2  # a waveform, and the digits
