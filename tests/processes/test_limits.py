"""What a limited process can and cannot do; each in a process of its own, for limits are for good."""

import json
import subprocess
import sys

import pytest

from dlcore.processes.limits import Limits, download_limits, long_limits, short_limits
from dlcore.settings import Settings

DIAL = """
import socket
from dlcore.processes import network
{before}
assert network.cut_network() is {kernel}
try:
    socket.create_connection(("localhost", {port}), timeout=5)
except OSError as error:
    print(type(error).__name__)
"""


def said(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_where_the_kernel_helps_there_is_no_way_out_of_the_machine():
    cut, devices = json.loads(
        said(
            "import json; from dlcore.processes.network import cut_network; "
            "print(json.dumps([cut_network(), open('/proc/net/dev').read()]))"
        )
    )
    if not cut:
        pytest.skip("nobody may make a network of their own here")
    assert [line.split(":")[0].strip() for line in devices.splitlines()[2:]] == ["lo"]


def test_where_the_kernel_does_not_help_pythons_sockets_are_refused():
    code = DIAL.format(before="network._unshare = lambda flags: False", kernel=False, port=9)
    assert said(code) == "PermissionError\n"


def test_limits_hold_only_what_the_settings_say(monkeypatch, tmp_path):
    settings = Settings(
        home=tmp_path, job_memory_mb=512, job_seconds=7, long_job_seconds=99, max_dataset_bytes=10**9
    )
    assert short_limits(settings) == Limits(512, 7, 10**9, network=False)
    assert long_limits(settings) == Limits(512, 99, 10**9, network=False, setting="DLCORE_LONG_JOB_SECONDS")
    assert download_limits(settings) == Limits()
    monkeypatch.setattr(
        "dlcore.processes.limits.psutil.virtual_memory", lambda: type("", (), {"total": 8 * 2**30})
    )
    assert short_limits(Settings(home=tmp_path)).memory_mb == 4096


def test_a_platform_without_limits_of_processes_keeps_the_network_away():
    code = """
import sys
import psutil, dlcore.settings
sys.modules["resource"] = None
sys.platform = "win32"
from dlcore.processes.limits import Limits
Limits(memory_mb=1, seconds=1, file_bytes=1, network=False).apply()
import socket
try:
    socket.create_connection(("localhost", 9))
except OSError as error:
    print(type(error).__name__)
"""
    assert said(code) == "PermissionError\n"
