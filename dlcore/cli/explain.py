"""`python -m dlcore explain …`: why a run's model answers as it does for a sample."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import numpy.typing as npt
import typer
from rich.markup import escape

from dlcore.access.actors import machine_owner
from dlcore.cli.terminal import Json, RunOrModel, open_store, plain_errors, say
from dlcore.errors import N_, SpecError, not_written
from dlcore.processes.alone import run_alone
from dlcore.queue.explanations import ExplanationRequest, explainable
from dlcore.queue.registry import find_run
from dlcore.records import Run, no_progress
from dlcore.records.explanation_methods import METHODS, Baseline, Form, checked_method
from dlcore.records.explanations import ATTRIBUTION, EXPLANATION_FILE, Explanation
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.run_files import read_arrays
from dlcore.text import number_text

if TYPE_CHECKING:
    from dlcore.plots.explanations import PictureInfo

Arrays = Mapping[str, npt.NDArray[Any]]
Write = Callable[[Path, Explanation, Arrays], None]

PNG = ".png"
_PIXELS = 512
"""How large a PNG is at least: pictures are enlarged by whole pixels."""
_STRONGEST = 5


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(explain)


def explain(
    run: RunOrModel,
    sample: Annotated[int, typer.Option(help="The sample: its row in the dataset as it was stored, from 0.")],
    method: Annotated[str, typer.Option(help=f"One of {', '.join(METHODS)}.")],
    output: Annotated[
        Path,
        typer.Option(
            help="The file to write: numbers (.json), arrays (.npz), a figure (.html), or of a picture or "
            "spectrogram a picture (.png)."
        ),
    ],
    part: Annotated[
        str, typer.Option(help="The part that the sample is in: train, validation or test.")
    ] = "test",
    name: Annotated[
        str, typer.Option("--class", help="The class, label or target; by default the one that is predicted.")
    ] = "",
    layer: Annotated[str, typer.Option(help="Of Grad-CAM: the layer; by default the last convolution.")] = "",
    baseline: Annotated[
        Baseline, typer.Option(help="What a picture is compared with: black, or the mean of all.")
    ] = Baseline.BLACK,
    as_json: Json = False,
) -> None:
    """Writes what in a sample raised or lowered a run's answer for it.

    Of a class, the explained number is its log-odds: 0 is a probability of 50 %, 2.2 one of 90 %.
    """
    with plain_errors() as closing:
        write = _writer(output)
        settings, store = open_store(closing)
        found_run = find_run(store, run, actor=machine_owner(settings))
        _check(store, found_run, method, output)
        wanted = ExplanationRequest(part, sample, method, name, layer, baseline)
        found, arrays = _explained(found_run.id, wanted, settings)
        _write(write, output, found, arrays)
        if as_json:
            print(json.dumps({**found.to_dict(), "file": str(output.absolute())}))
            return
        _show(found, arrays, output)


def _check(store: Store, run: Run, method: str, output: Path) -> None:
    """Checks what can be told before Keras is loaded.

    Raises:
        SpecError: the method does not suit the run, or what it explains is no picture.
    """
    seen = explainable(store, run)
    checked_method(method, seen)
    if output.suffix.lower() == PNG and seen.form not in (Form.PICTURE, Form.SPECTROGRAM):
        raise _no_picture()


def _explained(run_id: str, wanted: ExplanationRequest, settings: Settings) -> tuple[Explanation, Arrays]:
    """Has a process of its own compute an explanation."""
    with tempfile.TemporaryDirectory(prefix="dlcore-") as folder:
        file = Path(folder) / EXPLANATION_FILE
        arguments = {"run": run_id, **wanted.to_dict(), "to": str(file)}
        found = Explanation.from_dict(run_alone("explanation", arguments, settings, no_progress))
        return found, read_arrays(file)


def _writer(output: Path) -> Write:
    """Returns what writes a file of that suffix.

    Raises:
        SpecError: none does.
    """
    if output.suffix.lower() not in _WRITERS:
        raise SpecError(
            N_("no explanation can be written as '{suffix}'."),
            hint=N_("Let the name of the file end in one of {suffixes}."),
            where="--output",
            suffix=output.suffix or output.name,
            suffixes=", ".join(_WRITERS),
        )
    return _WRITERS[output.suffix.lower()]


def _write(write: Write, output: Path, found: Explanation, arrays: Arrays) -> None:
    try:
        write(output, found, arrays)
    except OSError as error:
        raise not_written(error, output) from error


def _write_json(path: Path, found: Explanation, arrays: Arrays) -> None:
    content = {**found.to_dict(), ATTRIBUTION: arrays[ATTRIBUTION].tolist()}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def _write_arrays(path: Path, found: Explanation, arrays: Arrays) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays, labels=np.array(found.labels, np.str_))


def _write_figure(path: Path, found: Explanation, arrays: Arrays) -> None:
    from dlcore.plots.explained import explanation_figure

    drawn = explanation_figure(found, arrays)
    path.write_text(drawn.to_html(include_plotlyjs=True), encoding="utf-8")


def _write_picture(path: Path, found: Explanation, arrays: Arrays) -> None:
    from PIL import Image

    from dlcore.plots.explained import explained_picture
    from dlcore.plots.explanations import overlay

    info: PictureInfo = explained_picture(found, arrays)
    picture = overlay(info)
    scale = max(1, -(-_PIXELS // max(picture.shape[:2])))
    Image.fromarray(picture.repeat(scale, axis=0).repeat(scale, axis=1)).save(path)


_WRITERS: dict[str, Write] = {
    ".json": _write_json,
    ".npz": _write_arrays,
    ".html": _write_figure,
    PNG: _write_picture,
}


def _no_picture() -> SpecError:
    return SpecError(
        N_("only an explanation of a picture or a spectrogram can be written as a picture."),
        hint=N_("Let the name of the file end in one of {suffixes}."),
        where="--output",
        suffixes=", ".join(suffix for suffix in _WRITERS if suffix != PNG),
    )


def _show(found: Explanation, arrays: Arrays, output: Path) -> None:
    """Prints what was explained, and of words and columns the strongest."""
    answer = f"probability {found.answer:.4f}" if found.is_class else number_text(found.answer)
    say(f"{escape(found.output)}: {answer}; it is {escape(found.truth)}")
    if found.holds is not None and found.baseline_score is not None:
        sign = "=" if found.holds else "should be"
        say(f"  sum of all shares {found.total:.4g} {sign} {found.score - found.baseline_score:.4g}")
    if found.form in (Form.WORDS, Form.COLUMNS):
        values = arrays[ATTRIBUTION]
        for place in np.argsort(-np.abs(values), kind="stable")[:_STRONGEST]:
            say(f"  {values[place]:+.4g} {escape(found.labels[place])}")
    say(f"{escape(str(output))} is written")
