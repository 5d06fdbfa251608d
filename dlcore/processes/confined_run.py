"""A stranger's run: trained in a confined process, while this one keeps the store and passes on what it reports."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from dlcore.access.confining import check_confinable
from dlcore.confinement import Bounds
from dlcore.datasets.builtin.catalogue import CATALOGUE, dataset_facts
from dlcore.datasets.builtin.downloads import download, download_all
from dlcore.datasets.loader import is_available
from dlcore.engine.entry import TrainResult
from dlcore.engine.transfer import source_weights
from dlcore.errors import N_, Message
from dlcore.processes.confined import Channel, ConfinedProcess, nonsense
from dlcore.processes.ending import how_it_ended, signal_number
from dlcore.processes.handle import StoreHandle
from dlcore.processes.output import LogStream
from dlcore.processes.private import PrivateHome
from dlcore.processes.run_reports import HEARD, STOP, ReportingHandle, Reports
from dlcore.processes.training import train_or_reason
from dlcore.queue.frames import FrameError
from dlcore.queue.sources import source_path
from dlcore.records import Run
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.spec.checks import report
from dlcore.spec.fine_tuning import Source
from dlcore.spec.layers import Application
from dlcore.store import Store

_ASK_SECONDS = 0.1
_MB = 2**20


class ConfinedRun:
    """The process that a stranger's run is trained in; made while the store is closed, so that it cannot inherit it.

    Args:
        home: what it sees as its home.
        with_gpu: whether it may use graphics cards.
    """

    def __init__(self, home: PrivateHome, *, with_gpu: bool) -> None:
        settings = home.settings
        bounds = Bounds(
            memory_bytes=settings.most_confined_mb * _MB,
            seconds=settings.confined_seconds,
            file_bytes=settings.confined_disk_mb * _MB,
            with_gpu=with_gpu,
        )
        self._home = home
        self._process = ConfinedProcess(
            home, partial(_live, settings), bounds, partial(_why_it_ended, settings)
        )

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def train(self, store: Store, run: Run, handle: StoreHandle) -> TrainResult | Message:
        """Trains; returns how that ended, or why it failed.

        Args:
            store: where the run is.
            run: in its state *running*.
            handle: of the run.

        Raises:
            DlcoreError: what the run needs is not there, or this machine cannot confine it.
        """
        check_confinable(store.settings)
        spec = ExperimentSpec.from_dict(run.spec)
        self._home.show_data(spec)
        source = spec.fine_tuning.source if spec.fine_tuning else None
        weights = source_path(store, source, owner=run.owner) if source else None
        _fetch(spec, store.settings, handle.log)
        order = {
            "spec": run.spec,
            "epochs": run.epochs,
            "folder": str(handle.folder),
            "weights": str(weights) if weights else None,
        }
        readable = [weights.parent] if weights else []
        self._process.begin(order, readable=readable, writable=[handle.folder])
        return _followed(self._process, handle)


def _why_it_ended(settings: Settings, code: int) -> Message:
    if code == -signal_number("SIGXCPU"):
        return Message(
            N_(
                "it used more than the {limit} seconds that it may take here, by the clock or of all processors together."
            ),
            N_("Train for fewer epochs, or on less data."),
            params={"limit": f"{settings.confined_seconds:,}"},
        )
    if code in (-signal_number("SIGABRT"), -signal_number("SIGSEGV"), -signal_number("SIGBUS")):
        return Message(
            N_("its process crashed: what it read is damaged, or it needs more than {limit} MB of memory."),
            N_("Use less data or a smaller model."),
            params={"limit": f"{settings.most_confined_mb:,}"},
        )
    return how_it_ended(code)


def _followed(process: ConfinedProcess, handle: StoreHandle) -> TrainResult | Message:
    """Passes on what the process reports until it ends."""
    reports, is_over = Reports(handle), threading.Event()
    threading.Thread(target=_pass_stop_on, args=(process, handle, is_over), daemon=True).start()
    for header, body in process.heard():
        try:
            number = reports.take(header, body)
        except FrameError as error:
            process.end(nonsense(error))
            break
        if number:
            process.tell({HEARD: number})
        if reports.ending is not None:
            break
    ended = process.wait()
    is_over.set()
    return reports.ending or ended or Message(N_("its process ended and did not say how."))


def _pass_stop_on(process: ConfinedProcess, handle: StoreHandle, is_over: threading.Event) -> None:
    while not is_over.wait(_ASK_SECONDS):
        if handle.should_stop():
            process.tell({STOP: True})
            return


def _fetch(spec: ExperimentSpec, settings: Settings, log: Callable[[str], None]) -> None:
    """Downloads what the run needs and this machine has not: files with known checksums, read by nobody here."""
    dataset = spec.dataset
    if dataset.name in CATALOGUE and not is_available(dataset.name, settings):
        log(f"downloading {dataset.name}")
        download_all(CATALOGUE.get(dataset.name).facts.files, settings.datasets_dir)
    wanted = [layer for layer in spec.model.layers if isinstance(layer, Application) and layer.weights]
    if not wanted:
        return
    found = report(spec, dataset_facts(dataset, settings))
    shapes = {name: one.shape for name, one in found.inputs.items()}
    shapes |= {row.name: row.output_shape for row in found.rows}
    sources = {row.name: row.sources for row in found.rows}
    for layer in wanted:
        if layer.name in sources:  # else the spec does not fit, as the training says
            file = layer.weights_for(shapes[sources[layer.name][0]])
            if not (settings.weights_dir / file.name).is_file():
                log(f"downloading {file.url}")
                download(file, settings.weights_dir)


def _live(settings: Settings, order: Mapping[str, Any], channel: Channel) -> None:
    """What the confined process does."""
    handle = ReportingHandle(Path(order["folder"]), *channel)
    stream: Any = LogStream(handle)
    sys.stdout = sys.stderr = stream
    spec = ExperimentSpec.from_dict(order["spec"])
    source = spec.fine_tuning.source if spec.fine_tuning else None
    given = _given(source, order["weights"])
    handle.end(train_or_reason(spec, handle, settings, epochs=order["epochs"], source=given))


def _given(source: Source | None, weights: str | None) -> Any:
    if source is None or weights is None:
        return None
    return lambda: source_weights(source, Path(weights))
