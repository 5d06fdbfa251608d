"""What both sides of `curves` have in common; imports nothing that one of them lacks."""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """Returns how long an action took, and what it returned."""
    begun = time.perf_counter()
    found = action()
    return time.perf_counter() - begun, found


@contextmanager
def watched(count: int, read: Callable[[], Any]) -> Iterator[None]:
    """Lets so many threads read once a second each while something else is done, as open pages do."""
    over = threading.Event()

    def look(number: int) -> None:
        over.wait(number / max(1, count))
        while not over.is_set():
            read()
            over.wait(1.0)

    threads = [threading.Thread(target=look, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def serve(side: Any) -> None:
    """Answers the questions on the standard input, a line of JSON each, by the methods of a side."""
    for line in sys.stdin:
        asked = json.loads(line)
        answer = getattr(side, asked.pop("what"))(**asked)
        print(json.dumps(answer), flush=True)
