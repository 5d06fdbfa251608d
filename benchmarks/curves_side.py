"""What both sides of `curves` have in common; imports nothing that one of them lacks."""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

SPIKE = 12_345.678
TEMPLATES = ("mlp", "cnn", "resnet", "lstm")


def values(count: int, seed: int) -> list[float]:
    """Returns the losses of a run, one of them a spike."""
    draw = random.Random(seed)
    found = [draw.random() for _ in range(count)]
    found[draw.randrange(count // 4, count // 2)] = SPIKE
    return found


def table_rows(count: int) -> Iterator[dict[str, Any]]:
    """Yields what is known of each run of the table."""
    draw = random.Random(0)
    for number in range(count):
        yield {
            "number": number,
            "template": TEMPLATES[number % len(TEMPLATES)],
            "rate": 10 ** draw.uniform(-4, -1),
            "accuracy": draw.random(),
            "loss": draw.random(),
            "baseline": bool(number % 3),
        }


def timed(action: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    """Returns how long an action took, by the clock and of this process's CPU time, and what it returned."""
    begun, cpu = time.perf_counter(), time.process_time()
    found = action()
    return {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - cpu}, found


class Readers:
    """Threads that read once a second each, as open pages do, at a moment of their own within the second.

    Args:
        count: how many.
        read: what each does.
    """

    def __init__(self, count: int, read: Callable[[], Any]) -> None:
        self._read, self._over = read, threading.Event()
        self._threads = [threading.Thread(target=self._look, args=(at / count,)) for at in range(count)]
        for thread in self._threads:
            thread.start()

    def _look(self, after: float) -> None:
        self._over.wait(after)
        while not self._over.is_set():
            self._read()
            self._over.wait(1.0)

    def end(self) -> None:
        """Waits until all have ended."""
        self._over.set()
        for thread in self._threads:
            thread.join()


def serve(side: Any) -> None:
    """Answers the questions on the standard input, a line of JSON each, by the methods of a side."""
    for line in sys.stdin:
        asked = json.loads(line)
        answer = getattr(side, asked.pop("what"))(**asked)
        print(json.dumps(answer), flush=True)
