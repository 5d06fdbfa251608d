"""A run once more with other seeds."""

import pytest

from dlcore.access.actors import Actor
from dlcore.errors import SpecError
from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.queue.seeds import repeat_run


def test_a_run_is_repeated_with_seeds_that_were_not_tried(store):
    first = submit(store, example(), owner="ann")
    submit(store, example().updated(seed=2), owner="ann")
    submit(store, example().updated(seed=1), owner="bob")
    again = repeat_run(store, first, seeds=2, actor=Actor("ann"))
    assert [run.spec["seed"] for run in again] == [1, 3]
    assert [run.spec["seed"] for run in repeat_run(store, first, seeds=1, actor=Actor("ann"))] == [4]
    assert {run.owner for run in again} == {"ann"}
    assert again[0].name == "digits · cnn · 3"
    changed = {name for name in first.spec if again[0].spec[name] != first.spec[name]}
    assert changed == {"seed"}


def test_a_name_that_someone_gave_is_kept(store):
    named = submit(store, example(), owner="ann", name="wide")
    (again,) = repeat_run(store, named, seeds=1, actor=Actor("ann"))
    assert again.name == "wide"


@pytest.mark.parametrize("seeds", [0, 21])
def test_a_number_of_seeds_that_makes_no_sense_is_refused(store, seeds):
    run = submit(store, example(), owner="ann")
    with pytest.raises(SpecError, match="seeds: expected a number from 1 to 20"):
        repeat_run(store, run, seeds=seeds, actor=Actor("ann"))
