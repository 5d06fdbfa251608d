"""A person brings a file of their own, and the network does not always hold."""

import io
import os
import re
import zipfile

import pytest
from PIL import Image
from playwright.sync_api import expect

from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.stored import stored_names
from dlcore.settings import Settings
from dlcore.store import Store
from tests.e2e.conftest import begin_on, expect_step, ready, supervised

pytestmark = pytest.mark.processes

MB = 2**20


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A dashboard that takes files of up to 16 MB, with a supervisor that looks at them."""
    with supervised(tmp_path_factory.mktemp("home"), DLCORE_MAX_UPLOAD_MB="16") as server:
        yield server


DROP = """([name, size]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(size).fill(7)], name, {lastModified: 1}));
    return data;
}"""


def drop(page, name, size):
    """Drops a file of so many bytes onto the field, once that listens."""
    expect(page.locator(".up-title")).not_to_be_empty()
    data = page.evaluate_handle(DROP, [name, size])
    page.locator(".up").dispatch_event("drop", {"dataTransfer": data})


def arrived(server, page):
    """The bytes that the server has of this page's file."""
    return (server.home / "uploads" / sent_to(page) / "content").read_bytes()


def sent_to(page):
    """The token of this page's upload."""
    page.wait_for_url(re.compile("upload="))
    return re.search(r"upload=([\w-]+)", page.url)[1]


def test_a_file_goes_on_where_it_was_after_a_lost_connection_and_a_reload(page, server, tmp_path):
    content = os.urandom(14 * MB)
    file = tmp_path / "numbers.npz"
    file.write_bytes(content)
    pieces = []

    def third_piece_is_lost(route):
        if route.request.method == "PUT":
            pieces.append(int(route.request.headers["upload-offset"]))
        route.abort() if len(pieces) >= 3 else route.continue_()

    page.route("**/api/uploads/*", third_piece_is_lost)
    page.goto("/upload")
    page.locator(".up-input").set_input_files(file)
    expect(page.locator(".up-note")).to_contain_text("The connection was lost. Trying again")
    page.reload()
    expect(page.locator(".up-note")).to_contain_text("8.39 MB of 14.7 MB have been uploaded.")
    page.unroute("**/api/uploads/*")

    page.locator(".up-input").set_input_files(file)

    expect(page.get_by_text("numbers.npz · 14.7 MB")).to_be_visible()
    assert pieces[:3] == [0, 4 * MB, 8 * MB]
    assert set(pieces[3:]) <= {8 * MB}  # it was tried again
    assert arrived(server, page) == content


def test_a_file_is_dropped_and_one_that_is_too_large_is_not_even_sent(page, server):
    page.goto("/upload")
    drop(page, "large.zip", 17_000_000)
    expect(page.locator(".up-note")).to_have_text("The file is too large: at most 16 MB can be uploaded.")

    drop(page, "a/\u202e<b>**small**.zip", 1000)

    expect(page.get_by_text("<b>**small**.zip · 1 kB")).to_be_visible()
    assert arrived(server, page) == b"\x07" * 1000


def test_a_cancelled_file_leaves_nothing_and_another_can_be_sent(page, server):
    page.route(
        "**/api/uploads/*",
        lambda route: route.abort() if route.request.method == "PUT" else route.continue_(),
    )
    page.goto("/upload")
    drop(page, "one.zip", 1000)
    expect(page.get_by_role("button", name="Try now")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".up-title")).to_have_text("Drop a file here")
    page.unroute("**/api/uploads/*")

    drop(page, "two.zip", 2000)

    expect(page.get_by_text("two.zip · 2 kB")).to_be_visible()


def test_two_tabs_that_send_the_same_file_to_one_place_both_end_with_it(page, server):
    page.goto("/upload")
    ready(page)
    other = page.context.new_page()
    other.goto(page.url)
    ready(other)
    for tab in (page, other):
        drop(tab, "same.zip", 9_000_000)

    for tab in (page, other):
        expect(tab.get_by_text("same.zip · 9 MB")).to_be_visible()
    assert arrived(server, page) == b"\x07" * 9_000_000


def test_of_two_tabs_that_send_different_files_to_one_place_the_first_wins(page, server):
    page.goto("/upload")
    ready(page)
    other = page.context.new_page()
    other.goto(page.url)
    ready(other)
    drop(page, "first.zip", 9_000_000)
    expect(page.get_by_text("first.zip · 9 MB")).to_be_visible()

    drop(other, "second.zip", 9_000_000)

    expect(other.locator(".up-note")).to_contain_text("Another tab is uploading a different file")
    assert arrived(server, page) == b"\x07" * 9_000_000


def pictures(path):
    """A zip of six little pictures in two folders, and a file that only looks like one."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(6):
            image = io.BytesIO()
            Image.new("RGB", (16, 16), (40 * number, 90, 200 - 30 * number)).save(image, "PNG")
            archive.writestr(f"pets/{'cats' if number % 2 else 'dogs'}/{number}.png", image.getvalue())
        archive.writestr("pets/cats/broken.png", b"no picture at all")
    return path


# Chooses a file in the moment in which the field appears, before its script is loaded.
CHOOSE_AT_ONCE = """
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    new MutationObserver((changes, observer) => {
        const field = root.querySelector(".up-input");
        if (!field) return;
        observer.disconnect();
        const data = new DataTransfer();
        data.items.add(new File(["1,2,3"], "early.csv"));
        field.files = data.files;
        field.dispatchEvent(new Event("change"));
    }).observe(root, {childList: true, subtree: true});
    return root;
};"""


def test_a_file_that_is_chosen_before_the_field_listens_is_sent(page):
    page.add_init_script(CHOOSE_AT_ONCE)
    page.goto("/upload")
    expect(page.get_by_text("early.csv · 5 B")).to_be_visible()


def test_a_person_brings_pictures_corrects_the_name_stores_them_and_uses_them(page, server, tmp_path):
    page.goto("/upload")
    page.locator(".up-input").set_input_files(pictures(tmp_path / "My pets.zip"))
    expect(page.get_by_text("What it is")).to_be_visible()
    token = sent_to(page)
    name = page.get_by_role("textbox", name="Name", exact=True)
    expect(name).to_have_value("my-pets")
    name.fill("pets")
    name.press("Tab")
    ready(page)
    page.get_by_role("button", name="Store").click()

    expect(page.get_by_text("My pets is stored: 6 samples.")).to_be_visible()
    expect(page.get_by_text("What was refused, and why")).to_be_visible()
    page.reload()
    expect(page.get_by_text("My pets is stored: 6 samples.")).to_be_visible()
    begin_on(page, "pets")

    expect_step(page, "Data")
    expect(page.locator("[data-testid=stSelectbox] input").first).to_have_value("My pets (pets) · yours")
    draft = Store.open(Settings(home=server.home)).drafts.latest(owner="local")
    assert draft.spec["dataset"]["name"] == "pets"
    assert not (server.home / "uploads" / token).exists()


def test_a_dataset_is_removed_after_asking(page, server, tmp_path):
    ingest(pictures(tmp_path / "old.zip"), Settings(home=server.home), owner="local")
    page.goto("/datasets")
    page.get_by_role("button", name="Remove the dataset old").click()
    expect(page.get_by_text("This cannot be undone.")).to_be_visible()

    page.get_by_role("dialog").get_by_role("button", name="Remove").click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    ready(page)
    assert "old" not in stored_names(Settings(home=server.home))


def test_a_damaged_dataset_is_removed_after_asking(page, server, tmp_path):
    settings = Settings(home=server.home)
    broken = ingest(pictures(tmp_path / "broken.zip"), settings, owner="local")
    (broken.folder / "manifest.json").write_text("{")
    page.goto("/datasets")
    expect(page.get_by_text("this stored dataset is damaged")).to_be_visible()
    ready(page)
    page.locator(".st-key-remove_damaged_broken button").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()

    expect(page.get_by_text("this stored dataset is damaged")).to_have_count(0)
    assert "broken" not in stored_names(settings)
