"""What passes between the harness and a contestant: a budget in its arguments, and lines that it prints.

A line of its standard output is a JSON object, flushed at once, for the harness takes the time when it
arrives. Anything else it prints is passed over. Trials count from 0, epochs from 1.

    {"event": "start"}                                      imports are done and data is loaded
    {"event": "epoch", "trial": 0, "epoch": 1, "value": v}  the validation accuracy after an epoch
    {"event": "trial", "number": 0, "value": v, "state": "complete"}    or "pruned", or "failed"
    {"event": "end"}                                        the best is known

A trial that continues where another one stopped starts at a later epoch than the first.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Budget:
    """What a contestant may use.

    Attributes:
        mnist: the file `mnist.npz`.
        seed: of the search; from 1 on, as KerasTuner takes 0 for "by chance".
        trials: how many at most.
        epochs: how many a trial at most.
    """

    mnist: Path
    seed: int
    trials: int
    epochs: int

    def arguments(self) -> list[str]:
        """As arguments of a command line."""
        return [str(self.mnist), str(self.seed), str(self.trials), str(self.epochs)]


def budget() -> Budget:
    """Returns the budget that stands in this process' arguments."""
    parser = argparse.ArgumentParser()
    parser.add_argument("mnist", type=Path)
    for name in ("seed", "trials", "epochs"):
        parser.add_argument(name, type=int)
    return Budget(**vars(parser.parse_args()))


def print_event(event: str, **values: Any) -> None:
    """Prints a line for the harness."""
    print(json.dumps({"event": event, **values}), flush=True)


def parse_event(line: str) -> dict[str, Any] | None:
    """Returns the event of a line; None where it is not one."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None
