"""Whether the step of a lesson is done, as it is now."""

from __future__ import annotations

from dlcore.queue.lessons import taken_lesson
from dlcore.store import Store
from dlcore.ui.components.live_view import Badge, LiveTopic, View, fingerprint
from dlcore.ui.shared.i18n import _, language
from dlcore.web.context import context


def step_view(store: Store, _subject: str) -> View:
    """Returns whether the step that is shown is done, and what is missing."""
    taken = taken_lesson(store, owner=context().actor.id, language=language())
    if taken is None:
        return View(page=fingerprint(None))
    page = fingerprint(taken.progress.name, taken.number, bool(taken.missing))
    if taken.step.check is None:
        return View(page=page)
    if not taken.missing:
        return View(page=page, badges=(Badge(_("Done"), "green", icon="check_circle"),))
    return View(
        page=page,
        live=True,
        badges=(Badge(_("Not done yet"), "orange", icon="radio_button_unchecked"),),
        lines=tuple(message.text(_) for message in taken.missing),
    )


STEP = LiveTopic("lesson", step_view)
