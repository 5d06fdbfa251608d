"""All benchmarks, one after the other, each in a process of its own: `python -m benchmarks`."""

from __future__ import annotations

import subprocess
import sys

PARTS = {
    "latency": "From queueing a run to its first trained batch",
    "epoch": "An epoch of the first CNN on MNIST",
}


def main() -> int:
    """Runs each benchmark and prints what it gives; the number of those that failed."""
    failed = 0
    for name, title in PARTS.items():
        print(f"\n{title}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
