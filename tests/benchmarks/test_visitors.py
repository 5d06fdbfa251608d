"""What the measured visitors do reaches the store as what people do in a browser."""

import asyncio

import pytest

from benchmarks.viewers import dashboard, free_port
from benchmarks.visitors import DEMO, launch_all, visitor
from dlcore.settings import Settings
from dlcore.store import Store

pytestmark = pytest.mark.processes


def test_each_visitor_launches_as_many_runs_as_said(tmp_path):
    port = free_port()
    with dashboard(tmp_path, port, **DEMO):
        asyncio.run(launch_all([visitor(port) for _ in range(2)], 2))
    store = Store.open(Settings(home=tmp_path))
    owners = sorted(run.owner for run in store.runs.list(limit=10))
    store.close()
    assert len(owners) == 4
    assert len(set(owners)) == 2
    assert owners[0] == owners[1]
