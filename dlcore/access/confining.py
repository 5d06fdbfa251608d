"""Whether strangers may work on this machine: what they run must be confined, unless a setting says otherwise."""

from __future__ import annotations

from dlcore.confinement import missing_protections
from dlcore.errors import N_, SettingsError
from dlcore.settings import Settings


def check_confinable(settings: Settings) -> None:
    """Makes sure that this machine can confine what strangers run, or that it need not.

    Raises:
        SettingsError: it cannot; what it lacks.
    """
    missing = missing_protections()
    if missing and not settings.allow_unconfined:
        raise SettingsError(
            N_("this machine cannot confine what strangers run; it lacks: {missing}."),
            hint=N_(
                "Call `python -m dlcore doctor`, which says what that takes, or set {setting} to 1 if you trust all who come."
            ),
            missing=", ".join(missing),
            setting="DLCORE_ALLOW_UNCONFINED",
        )
