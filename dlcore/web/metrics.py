"""The numbers that Prometheus collects, for whoever runs the machine and nobody else."""

from __future__ import annotations

import hmac
import ipaddress
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from streamlit.runtime import Runtime
from streamlit.runtime.stats import GaugeStat

from dlcore.errors import StoreError
from dlcore.queue.devices import gpus
from dlcore.queue.start import worker_alive
from dlcore.settings import Mode, Settings
from dlcore.store.census import take_census
from dlcore.store.database import now
from dlcore.version import __version__
from dlcore.web.context import Context, context
from dlcore.web.latest import Latest
from dlcore.web.tally import Durations, Errors

if TYPE_CHECKING:
    from prometheus_client import Metric

KEPT_SECONDS = 5.0
"""How long the numbers are told again: reading them is work for the store and for the drivers."""
_SESSIONS = "active_sessions"
"""What Streamlit calls the number of open pages."""
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""What a proxy adds."""


class Metrics:
    """The route `/metrics`.

    Args:
        ticks: how long the requests of live pages took.
        errors: how many there were.
    """

    def __init__(self, ticks: Durations, errors: Errors) -> None:
        self._ticks, self._errors = ticks, errors
        self._latest = Latest(self._exposition, KEPT_SECONDS)

    async def answer(self, request: Request) -> Response:
        """Returns the route itself: the numbers as text, 401 without the token, 404 where nobody may ask."""
        token = context().settings.metrics_token.get_secret_value()
        if token:
            given = request.headers.get("authorization", "").encode()
            if not hmac.compare_digest(given, f"Bearer {token}".encode()):
                return PlainTextResponse("unauthorized", 401, headers={"www-authenticate": "Bearer"})
        elif not is_from_here(request, context().settings):
            return PlainTextResponse("not found", 404)
        text, kind = await self._latest.get()
        return Response(text, headers={"content-type": kind, "cache-control": "no-store"})

    def _exposition(self) -> tuple[bytes, str]:
        # 45 ms to import, for the few who collect numbers.
        from prometheus_client import (
            CONTENT_TYPE_LATEST,
            CollectorRegistry,
            ProcessCollector,
            generate_latest,
        )

        registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=registry)
        registry.register(self)
        return generate_latest(registry), CONTENT_TYPE_LATEST

    def collect(self) -> Iterator[Metric]:
        """Yields the numbers as they are now; called by the library."""
        here = context()
        yield from _of_store(here)
        yield from _of_machine(here)
        yield from self._of_process()

    def _of_process(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

        yield _gauge("sessions", "Pages that are open.", _sessions())
        found = CounterMetricFamily(
            "dlstudio_errors", "Errors of scripts, and that were logged.", labels=["source"]
        )
        for source, count in self._errors.by_source.items():
            found.add_metric([source], count)
        yield found
        yield HistogramMetricFamily(
            "dlstudio_tick_seconds",
            "How long the requests of live pages took.",
            buckets=self._ticks.up_to(),
            sum_value=self._ticks.total,
        )


def is_from_here(request: Request, settings: Settings) -> bool:
    """Returns whether a request comes from this machine and from no proxy on it, at home.

    On a hosted dashboard that is never told: a proxy on the same machine that adds nothing could not be told from it.
    """
    if settings.mode is not Mode.LOCAL or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _gauge(name: str, help_text: str, value: float) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(f"dlstudio_{name}", help_text, value=value)


def _gauges(name: str, help_text: str, label: str, values: dict[str, float]) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    found = GaugeMetricFamily(f"dlstudio_{name}", help_text, labels=[label])
    for of, value in values.items():
        found.add_metric([of], value)
    return found


def _of_store(here: Context) -> Iterator[Metric]:
    try:
        census = take_census(here.whole.database)
        worker, alive = here.whole.workers.current(), worker_alive(here.whole, here.settings)
    except StoreError:
        yield _gauge("store_up", "Whether the store answers.", 0)
        return
    yield _gauge("store_up", "Whether the store answers.", 1)
    oldest, states = census.oldest_queued_at, {state.value: float(n) for state, n in census.runs.items()}
    yield _gauges("runs", "Runs, trials of searches included.", "state", states)
    yield _gauges("jobs", "Jobs.", "state", {state.value: float(n) for state, n in census.jobs.items()})
    yield _gauge("queue_length", "Runs that wait.", states["queued"])
    waited = 0.0 if oldest is None else max(0.0, now() - oldest.timestamp())
    yield _gauge("queue_oldest_wait_seconds", "How long the run has waited that waits longest.", waited)
    yield _gauge("supervisor_up", "Whether a supervisor is alive.", alive)
    yield _gauge("slots", "Runs that there is room for.", worker.slots if worker and alive else 0)


def _of_machine(here: Context) -> Iterator[Metric]:
    yield _gauges("info", "The program.", "version", {__version__: 1.0})
    disk = shutil.disk_usage(here.settings.home_dir)
    yield _gauge("disk_total_bytes", "Size of the disk that the home folder is on.", disk.total)
    yield _gauge("disk_free_bytes", "What is free of it.", disk.free)
    found = gpus()
    numbers: dict[str, tuple[str, Any]] = {
        "gpu_use_ratio": ("How busy a GPU is, from 0 to 1.", lambda gpu: gpu.use_percent / 100),
        "gpu_memory_used_bytes": ("Memory of a GPU that is in use.", lambda gpu: gpu.memory_used),
        "gpu_memory_total_bytes": ("Memory of a GPU.", lambda gpu: gpu.memory_total),
    }
    for name, (help_text, number) in numbers.items():
        yield _gauges(name, help_text, "gpu", {str(gpu.index): number(gpu) for gpu in found})


def _sessions() -> float:
    if not Runtime.exists():
        return 0.0
    stats = Runtime.instance().stats_mgr.get_stats(family_names=[_SESSIONS])
    return float(sum(stat.value for stat in stats.get(_SESSIONS, ()) if isinstance(stat, GaugeStat)))
