"""10,000 hostile requests and inputs to the real app: nothing is carried out, nothing stalls, nobody reads another's things.

`HOSTILE_REQUESTS=300` sends fewer, `HOSTILE_SEED=2` others.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from itertools import cycle

import pytest

from dlcore.access.permissions import Kind
from dlcore.datasets.uploads import find_upload
from dlcore.queue.ready import example
from dlcore.records.shares import Thing
from dlcore.settings import Settings
from dlcore.store import Store
from tests.acceptance.hostile_app.drive import (
    PAGES_AT_ONCE,
    Report,
    seeded,
    send_frames,
    send_requests,
    show_files,
)
from tests.acceptance.hostile_app.frames import Puppeteer
from tests.acceptance.hostile_app.payloads import Canary, broken_files, documents, files, texts
from tests.acceptance.hostile_app.people import keep_secrets, person
from tests.acceptance.hostile_app.requests import Attacker
from tests.acceptance.hostile_app.server import served
from tests.conftest import ROOT

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(900)]

REQUESTS = int(os.environ.get("HOSTILE_REQUESTS", "10000"))
SEED = int(os.environ.get("HOSTILE_SEED", "1"))
STALL_SECONDS = 1.0
"""How long nobody may wait for an answer."""
LATE_PAGES = 0.01
"""The share of a page's answers that may take longer: they wait in one row with those of the attackers' pages."""
NOISE_SECONDS = 0.3
"""If the control waited this long at that time, the machine was busy with something else."""
MEMORY = 250 * 2**20
"""Bytes that the app may have grown by at the end, caches and open sessions included."""


def mutated(text, rng):
    """A text of which parts were cut, repeated and replaced."""
    for _ in range(rng.randrange(1, 4)):
        at, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        text = (
            text[:at]
            + rng.choice(["", text[at:end] * 2, "null", "-1", "[", "1e999", ": ", "\n  - ", "!!x", "&a *a"])
            + text[end:]
        )
    return text or "x"


def belongings(store, victim):
    """All that the victim has, to be the same afterwards."""
    ids, actor = victim.ids, victim.actor
    found = [store.runs.get(one) for one in (ids[Kind.RUN], victim.things.ended)]
    upload = find_upload(ids[Kind.UPLOAD], store.settings)
    return {
        "runs": [(run.name, run.spec_hash, run.annotation.notes) for run in found],
        "states": [run.state for run in found],
        "study": (
            store.studies.get(ids[Kind.STUDY]).name,
            store.studies.get(ids[Kind.STUDY]).annotation.notes,
        ),
        "draft": store.drafts.get(ids[Kind.DRAFT], actor=actor).spec,
        "upload": (upload.name, upload.content.read_bytes()),
        "job": store.jobs.get(ids[Kind.JOB]).owner,
        "shares": store.shares.links_with(Thing(Kind.RUN, victim.things.ended), owner=actor.id),
        "folders": sorted(path.name for path in store.settings.stored_dir.iterdir() if "victim" in path.name),
    }


def lateness(lines, what):
    """How long each answer took, by when it was asked for."""
    return [(began, seconds) for name, began, seconds in lines if name == what]


def stalls(lines, what):
    """Answers that took too long while the control was answered at once."""
    control = lateness(lines, "control")

    def was_busy(began, seconds):
        return any(took > NOISE_SECONDS for at, took in control if at < began + seconds and began < at + took)

    return [
        (round(began, 1), round(seconds, 2))
        for began, seconds in lateness(lines, what)
        if seconds > STALL_SECONDS and not was_busy(began, seconds)
    ]


def distribution(lines, what):
    """In milliseconds, for the report."""
    found = sorted(seconds * 1000 for _began, seconds in lateness(lines, what))
    if not found:
        return f"{what}: no answer"
    at = {
        name: found[min(len(found) - 1, int(len(found) * part))]
        for name, part in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    }
    return (
        f"{what}: {len(found)} answers, "
        + ", ".join(f"{name} {ms:.0f} ms" for name, ms in at.items())
        + f", max {found[-1]:.0f} ms"
    )


async def attack(server, store, victim, attackers, canary, report):
    """Sends all of it at the same time."""
    spec = example().to_yaml()
    said, bodies = texts(canary), documents(canary)
    wanted = files(canary)
    to_upload = wanted + broken_files(200, seeded(SEED, 0))
    makers, pages = [], []
    for number, me in enumerate(attackers):
        rng = seeded(SEED, number + 1)
        makers.append(Attacker(me, victim, said, bodies, to_upload, rng))
        typed = [
            *said,
            *(body[:20_000].decode(errors="replace") for body in bodies),
            *(mutated(spec, rng) for _ in range(60)),
        ]
        pages.append((Puppeteer(victim, me, typed, rng), makers[-1]))
    frames = REQUESTS * 12 // 100
    await asyncio.gather(
        send_requests(server.port, cycle(makers), REQUESTS - frames, report),
        send_frames(server.port, pages[:PAGES_AT_ONCE], frames, report),
        show_files(
            server.port, store, attackers[-1], pages[-1][0], wanted[: max(3, REQUESTS // 200)], report
        ),
    )


def test_nothing_that_is_sent_harms_anybody(tmp_path, free_port):
    settings = Settings(home=tmp_path / "home", mode="demo", KERAS_HOME=tmp_path / "keras")
    canary, report = Canary(tmp_path / "canary" / "executed"), Report()
    canary.path.parent.mkdir()
    with served(settings.home, free_port, tmp_path / "server.log", supervisor=True) as server:
        store = Store.open(settings)
        victim, *attackers = (
            person(store, free_port, tmp_path, name)
            for name in ("victim", *(f"attacker{n}" for n in range(4)))
        )
        keep_secrets(store, victim, tmp_path)
        before, memory = belongings(store, victim), server.memory
        watch = [
            sys.executable,
            "-m",
            "tests.acceptance.hostile_app.probe",
            str(free_port),
            victim.cookie,
            str(tmp_path / "times"),
        ]
        began = time.monotonic()
        with subprocess.Popen(watch, cwd=ROOT) as probe:
            try:
                asyncio.run(attack(server, store, victim, attackers, canary, report))
                seconds = time.monotonic() - began
                assert probe.poll() is None, "the probe lost its page"
            finally:
                probe.kill()
        lines = [
            json.loads(line) for line in (tmp_path / "times").read_text().splitlines() if line.endswith("]")
        ]
        grown = server.memory - memory
        tracebacks, after = server.tracebacks(), belongings(store, victim)
        store.close()

    print(
        f"\n{report.total} requests and inputs in {seconds:.0f} s: {dict(report.sent)}; answers {dict(sorted(report.answers.items()))}"
    )
    print("\n".join(distribution(lines, what) for what in ("healthz", "page", "control")))
    print(
        f"memory grew by {grown / 2**20:.0f} MB; {len(tracebacks)} tracebacks; {len(report.faults)} faults; errors of pages: {report.failed}"
    )
    for one in [*tracebacks, *report.faults][:60]:
        print("----", one)
    assert report.total >= REQUESTS
    assert not report.faults
    assert not tracebacks
    assert not [path for path in canary.path.parent.rglob("*") if path.name == "executed"]
    assert after == before
    assert not stalls(lines, "healthz"), stalls(lines, "healthz")
    late = stalls(lines, "page")
    assert len(late) <= LATE_PAGES * len(lateness(lines, "page")), late
    assert not [name for name, _began, _seconds in lines if "failed" in name]
    assert grown < MEMORY
