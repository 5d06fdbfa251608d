"""Specs that were cut, mixed and filled with what means harm: each is a spec, or refused in words, at once."""

import json
import time
from random import Random

import pytest

from dlcore.datasets import CATALOGUE
from dlcore.errors import DlcoreError
from dlcore.queue.ready import example
from dlcore.search.spec import SearchSpec
from dlcore.spec import ExperimentSpec
from dlcore.spec.checks import report

PIECES = (
    "null", "-1", "0", "1e999", ".nan", "9" * 400, "true", "[]", "{}", "[[[[", "- ", ": ", "\n  - ", "!!python/object:os.system {}",
    "&a *a", "*a", "'", '"', "\t", "\x00", "\u202e", "\U0001f4a9" * 20, "{kind: Dense, units: 99999999999}", "{kind: Conv2D, filters: -3}",
    "<<: *x", "---\n", "? x", "name", "layers", "model", "inputs: [x, x]", "x" * 5_000, "training.epochs", "__class__", "0x7fffffff", "1_000",
)  # fmt: skip
SECONDS = 2.0
"""What one may take on a busy machine; each takes milliseconds."""


def mutated(text, rng):
    """A spec of which parts were cut, repeated and replaced."""
    for _ in range(rng.randrange(1, 5)):
        at, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        end = min(end, at + rng.choice([0, 3, 40, 400]))
        text = text[:at] + rng.choice([*PIECES, text[at:end] * 2, ""]) + text[end:]
    return text


VALUES = (
    None, True, -1, 0, 1, 3, 10**9, 10**30, -(10**18), 0.5, 1e308, -0.0, float("nan"), float("inf"), "", "x", "a\x00b", "digits",
    "../../etc/passwd", "Conv2D", "x" * 5_000, [], [[]], [1, 2, 3], [0, 0], [10**9] * 3, {}, {"kind": "Dense"}, {"kind": "Nothing"},
)  # fmt: skip


def changed(value, rng):
    """A spec of which one value, somewhere in it, is another one."""
    if isinstance(value, dict) and value and rng.random() < 0.95:
        key = rng.choice(list(value))
        return {**value, key: changed(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.8:
        at = rng.randrange(len(value))
        return [*value[:at], changed(value[at], rng), *value[at + 1 :]]
    return rng.choice(VALUES)


def read(text):
    """What came of reading a spec, and of asking what its network is like."""
    try:
        spec = ExperimentSpec.from_text(text)
        report(spec, CATALOGUE.get("digits").facts)
        SearchSpec.from_dict({**spec.to_dict(), "space": {"training.epochs": {"low": 1, "high": 2}}})
    except DlcoreError as error:
        assert error.message.text()
        return "refused"
    return "taken"


@pytest.mark.parametrize("seed", range(3))
def test_a_broken_spec_is_a_spec_or_is_refused(seed):
    rng, whole, ends = Random(seed), (example().to_yaml(), example().to_json()), set()
    for _ in range(60):
        text = rng.choice(
            [lambda: mutated(rng.choice(whole), rng), lambda: json.dumps(changed(example().to_dict(), rng))]
        )()
        began = time.process_time()
        ends.add(read(text))
        assert time.process_time() - began < SECONDS, text[:500]
    assert ends == {"refused", "taken"}
