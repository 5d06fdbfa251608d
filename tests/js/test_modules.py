"""The modules of our components: their unit tests, and the halves of a thing that both languages make."""

import json
import random
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from dlcore.plots.studies import goal_of, history_figure, history_info
from dlcore.records import TrialState
from dlcore.ui.components.study_chart import history_data
from dlcore.web.charts import trial_news
from tests.plots.studies.making import study, trial

HERE = Path(__file__).parent
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(
    NODE is None, reason="needs node (version 20 or newer), which runs the tests of our JavaScript"
)


def test_the_units_do_what_they_say():
    done = subprocess.run(
        [NODE, "--test", "--test-reporter=spec", *map(str, HERE.glob("*.test.js"))],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


ENDED = (TrialState.COMPLETE, TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


def ended(dice, one):
    """A trial that runs as it may end: with or without a value, within or beyond the constraints."""
    state = dice.choice(ENDED)
    has_value = state is TrialState.COMPLETE or dice.random() < 0.5
    return replace(
        one,
        state=state,
        values=(dice.choice((0.1, 0.2, 0.3, dice.random())),) if has_value else (),
        violation=float(dice.random() < 0.15),
        bad=dice.random() < 0.15,
        finished_at=one.started_at + timedelta(seconds=dice.randrange(1, 60)),
    )


def course(dice):
    """A study as a page finds it, and as its trials change afterwards, some at a time."""
    count = dice.randrange(1, 12)
    trials = [trial(n, state=TrialState.RUNNING, start=7 * n) for n in range(count)]
    order = dice.sample(range(count), count)
    seen_at_first = dice.randrange(count + 1)
    for number in order[:seen_at_first]:
        trials[number] = ended(dice, trials[number])
    at_first, changes = list(trials), []
    for number in order[seen_at_first:]:
        trials[number] = ended(dice, trials[number])
        changes.append(trials[number])
    for number in dice.sample(range(count), min(count, 2)):
        if trials[number].state is TrialState.COMPLETE:
            trials[number] = replace(trials[number], bad=not trials[number].bad)
            changes.append(trials[number])
    cut = dice.randrange(len(changes) + 1)
    return at_first, [changes[:cut], changes[cut:]], trials


def groups(trials, goal, by_time):
    """What the server draws: the numbers, places and heights of each group's trials."""
    info = history_info(trials, goal, by_time=by_time)
    names = {"Complete": "counting", "Best so far": "best", "Pruned": "pruned", "Failed": "failed"}
    names |= {"Violating the constraints": "beyond", "Marked as bad": "bad"}
    found = {}
    for trace in history_figure(info, goal).data:
        name = "without" if trace.name == "Pruned" and trace.yaxis == "y2" else names[trace.name]
        found[name] = points(trace.customdata[:, 0].tolist(), trace.x.tolist(), trace.y.tolist())
    return found


def points(numbers, x, y):
    pairs = zip(
        numbers, ([round(at, 6), round(height, 9)] for at, height in zip(x, y, strict=True)), strict=True
    )
    return sorted([number, *place] for number, place in pairs)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("by_time", [False, True])
def test_a_history_that_was_followed_is_the_one_that_a_reload_draws(direction, by_time):
    whose = replace(study(("accuracy",), (direction,)), id="s")
    goal = goal_of(whose)
    dice = random.Random(7)
    courses = [course(dice) for _ in range(50)]
    lines = []
    for at_first, batches, _ in courses:
        data = history_data(whose, at_first, goal, since=0, by_time=by_time, log=False, live=True)
        news = [[trial_news(one) for one in batch] for batch in batches]
        lines.append(orjson.dumps({"data": data, "news": news}).decode())
    done = subprocess.run(
        [NODE, str(HERE / "follow.js")], input="\n".join(lines), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    followed = [json.loads(line) for line in done.stdout.splitlines()]
    compared = 0
    for (_, _, trials), found in zip(courses, followed, strict=True):
        if found == "stale":
            continue
        compared += 1
        drawn = {name: points(g["of"], g["x"], g["y"]) for name, g in found.items() if g["of"]}
        assert drawn == groups(trials, goal, by_time)
    assert compared > 20
