"""A person who takes a lesson: does what each step says, in the words of a language."""

import re

from playwright.sync_api import Page, expect

from dlcore.errors import N_
from dlcore.languages import catalogue
from tests.e2e.sessions import ready

SIDE = ".st-key-lesson_side"
LONG = 240_000
"""Milliseconds for a training or a search."""


class Learner:
    """Somebody who follows the guide.

    Args:
        page: where they are.
        language: in which they read.
    """

    def __init__(self, page: Page, language: str) -> None:
        self.page, self._say = page, catalogue(language).gettext
        self.guide = page.locator(SIDE)

    def press(self, name: str, *, role: str = "button", within=None) -> None:
        """Presses what is called that in their language."""
        place = within or self.page
        place.get_by_role(role, name=self._say(name), exact=True).first.click()
        ready(self.page)

    def go_there(self) -> None:
        self.press(N_("Take me there"), within=self.guide)

    def set(self, name: str, value: str) -> None:
        """Types a number into a field."""
        field = self.page.get_by_role("spinbutton", name=self._say(name), exact=True).first
        field.fill(value)
        field.press("Enter")
        ready(self.page)

    def choose(self, name: str, option: str) -> None:
        """Takes an option from a list, as it is called there."""
        self.page.get_by_role("combobox", name=self._say(name), exact=True).first.click()
        self.page.keyboard.type(option)
        self.page.get_by_role("option", name=re.compile(option)).first.wait_for()
        self.page.keyboard.press("Enter")
        ready(self.page)

    def add_layer(self, kind: str) -> None:
        """Adds a layer behind the one that is selected."""
        layers = self.page.get_by_role("button", name=re.compile(rf"^\d+ · {kind}"))
        before = layers.count()
        self.choose(N_("Add a layer or a block"), kind)
        expect(layers).to_have_count(before + 1)
        ready(self.page)

    def done(self) -> None:
        """Waits until the guide says that the step is done, and goes on."""
        expect(self.guide.locator(".dl-green")).to_be_visible(timeout=LONG)
        self.press(N_("Next step"), within=self.guide)

    def begin(self, name: str) -> None:
        self.page.goto(f"/learn?lesson={name}")
        self.page.locator(".st-key-lesson_begin button").first.click()
        ready(self.page)


def build(learner: Learner) -> None:
    """Data, network, loss and optimizer."""
    page = learner.page
    learner.begin("first-cnn")
    learner.done()

    page.get_by_role("combobox", name=learner._say(N_("Preprocessing"))).or_(
        page.get_by_role("combobox", name=re.compile("preprocessing|预处理"))
    ).first.click()
    page.keyboard.type("Rescaling")
    page.keyboard.press("Enter")
    ready(page)
    learner.done()

    learner.go_there()
    learner.add_layer("Conv2D")
    learner.choose(N_("Activation"), "relu")
    learner.add_layer("MaxPooling2D")
    learner.done()
    learner.add_layer("Flatten")
    learner.add_layer("Dense")
    learner.set(N_("Units"), "128")
    learner.choose(N_("Activation"), "relu")
    learner.add_layer("Dense")
    learner.set(N_("Units"), "10")
    learner.done()

    learner.go_there()
    learner.choose(N_("Loss"), "SparseCategoricalCrossentropy")
    learner.done()
    learner.choose(N_("Optimizer"), "Adam")
    learner.set(N_("Epochs"), "5")
    learner.done()


def train(learner: Learner) -> None:
    """Training, validation, and what helps against learning by heart."""
    page = learner.page
    learner.press(N_("Start training"))
    page.wait_for_url("**/run?*")
    learner.done()
    learner.go_there()
    learner.done()

    learner.go_there()
    learner.set(N_("Epochs"), "30")
    learner.press(N_("Start training"))
    page.wait_for_url("**/run?*")
    learner.done()

    learner.go_there()
    page.get_by_role("button", name=re.compile("4 · Dense")).click()
    ready(page)
    learner.add_layer("Dropout")
    page.locator(".st-key-steps").get_by_role("link", name=learner._say(N_("Training"))).click()
    ready(page)
    fields = page.get_by_test_id("stMain")
    fields.get_by_text(learner._say(N_("Early stopping")), exact=True).first.click()
    ready(page)
    learner.press(N_("Start training"))
    page.wait_for_url("**/run?*")
    learner.done()
    learner.go_there()
    learner.done()


def tune(learner: Learner) -> None:
    """The search, and fine-tuning of what it found."""
    page = learner.page
    learner.go_there()
    learner.press(N_("Search"), role="radio")
    name = learner._say(N_("Search: {field}")).format(field=learner._say("Learning rate"))
    page.get_by_role("button", name=name).first.click()
    ready(page)
    learner.done()
    learner.go_there()
    learner.set(N_("Trials"), "5")
    learner.press(N_("Start the search"))
    page.wait_for_url("**/study?*")
    learner.done()
    page.get_by_test_id("stDataFrame").first.click(position={"x": 15, "y": 33 * 1.5})
    ready(page)
    learner.press(N_("Open the run"), role="link")
    page.wait_for_url("**/run?*")
    learner.press(N_("More"))
    learner.press(N_("Fine-tune"))
    page.wait_for_url("**/data?*")
    page.locator(".st-key-steps").get_by_role("link", name=learner._say(N_("Training"))).click()
    ready(page)
    learner.press(N_("Start training"))
    page.wait_for_url("**/run?*")
    learner.done()
    learner.go_there()
    expect(learner.guide.locator(".dl-green")).to_be_visible()
    learner.press(N_("Finish"), within=learner.guide)
    expect(learner.guide).to_have_count(0)


def fine_tune(learner: Learner) -> None:
    """The lesson on fine-tuning: from scratch, on the digits, with their weights, and which did better."""
    page = learner.page
    learner.begin("fine-tuning")
    learner.done()
    learner.go_there()
    start_training(learner)
    learner.done()

    learner.go_there()
    learner.choose(N_("Dataset"), learner._say("Handwritten digits, 8×8"))
    learner.set(N_("Train samples"), "")
    open_training(learner)
    start_training(learner)
    learner.done()

    learner.press(N_("More"))
    learner.press(N_("Fine-tune"))
    page.wait_for_url("**/data?*")
    learner.choose(N_("Dataset"), learner._say("Eight letters"))
    learner.done()
    learner.set(N_("Train samples"), "40")
    learner.done()

    learner.go_there()
    learner.set(N_("Learning rate factor"), "1")
    learner.done()
    start_training(learner)
    learner.done()

    learner.go_there()
    for row in (0, 2):  # the newest first; between them is the one on digits
        page.get_by_test_id("stDataFrame").first.click(position={"x": 15, "y": 33 * (row + 1.5)})
        ready(page)
    page.get_by_role("link", name=re.compile("^(Compare|比较)")).first.click()
    ready(page)
    expect(learner.guide.locator(".dl-green")).to_be_visible()
    learner.press(N_("Finish"), within=learner.guide)
    expect(learner.guide).to_have_count(0)


def open_training(learner: Learner) -> None:
    """Goes to the training of the experiment by the line of its steps."""
    steps = learner.page.locator(".st-key-steps")
    steps.get_by_role("link", name=learner._say(N_("Training"))).click()
    ready(learner.page)


def start_training(learner: Learner) -> None:
    """Starts the training, and waits for the page of its run."""
    learner.press(N_("Start training"))
    learner.page.wait_for_url("**/run?*")
