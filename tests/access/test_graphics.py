"""What a confined process may use of the system when its run has a graphics card."""

from dataclasses import replace
from pathlib import Path

import pytest

from dlcore.confinement import Bounds, bounds, confine, graphics


@pytest.fixture
def dev(tmp_path):
    """A folder like /dev on a machine with two cards, one of them in parts."""
    names = (
        "nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "nvidia-nvswitchctl",
        "nvidia-caps/nvidia-cap1", "sda", "mem",
    )  # fmt: skip
    (tmp_path / "nvidia-caps").mkdir()
    for name in names:
        (tmp_path / name).symlink_to("/dev/null")
    (tmp_path / "nvidia7").write_text("no device")
    return tmp_path


def test_of_the_devices_those_that_compute_are_allowed(dev):
    found = [str(path.relative_to(dev)) for path in graphics.devices(dev)]
    assert found == ["nvidia-uvm", "nvidia0", "nvidia1", "nvidiactl", "nvidia-caps/nvidia-cap1"]


@pytest.fixture
def allowed(monkeypatch):
    """What the kernel would be asked to allow; nothing is confined for that."""
    found = {}
    monkeypatch.setattr(bounds, "missing_protections", lambda: (bounds.Protection.NETWORK,))
    monkeypatch.setattr(bounds, "_be_ended_first", lambda: None)
    monkeypatch.setattr(bounds.rlimits, "limit_process", lambda **limits: found.update(limits))
    monkeypatch.setattr(
        bounds.landlock,
        "restrict",
        lambda readable, writable: found.update(readable=set(readable), writable=list(writable)),
    )
    return found


def test_a_run_on_a_card_may_read_what_the_driver_says_and_use_its_devices(allowed, dev, monkeypatch):
    monkeypatch.setattr(graphics, "devices", lambda: [dev / "nvidia0"])
    own = Bounds(memory_bytes=2**30, writable=(Path("/own"),))
    confine(own)
    without = dict(allowed)
    confine(replace(own, with_gpu=True))
    assert allowed["readable"] - without["readable"] == {
        Path("/usr/local/cuda"),
        Path("/usr/local/nvidia"),
        Path("/proc/driver/nvidia"),
        Path("/proc/devices"),
        Path("/proc/modules"),
        Path("/sys/bus/pci/devices"),
        Path("/sys/devices"),
        Path("/sys/module/nvidia"),
        Path("/sys/module/nvidia_uvm"),
    }
    assert without["writable"] == [Path("/own"), Path("/dev/null")]
    assert allowed["writable"] == [Path("/own"), Path("/dev/null"), dev / "nvidia0"]
    # The driver sets aside more addresses than a machine has memory.
    assert (without["data_bytes"], allowed["data_bytes"]) == (2**30, 0)


def test_xla_is_told_to_start_no_program_beside_what_the_host_tells_it(monkeypatch):
    flag = "--xla_gpu_unsafe_fallback_to_driver_on_ptxas_not_found=true"
    monkeypatch.delenv("XLA_FLAGS", raising=False)
    assert graphics.environment() == {"XLA_FLAGS": flag}
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_to=/tmp/x")
    assert graphics.environment() == {"XLA_FLAGS": f"--xla_dump_to=/tmp/x {flag}"}
    monkeypatch.setenv("XLA_FLAGS", flag)
    assert graphics.environment() == {"XLA_FLAGS": flag}
