"""`python -m tests.mutants`: changes the code in many small ways, one at a time, and counts what the tests notice."""

import argparse
import sys
import tomllib
from collections import Counter
from pathlib import Path

from tests.mutants.reach import find_reach, plan
from tests.mutants.sample import Equivalent, Mutant, draw
from tests.mutants.trial import Change, Host, Outcome, Verdict, copy_tree

ROOT = Path(__file__).resolve().parents[2]

FEWEST = 0.88
"""The share of the changes that the light tests should notice."""

SECONDS = 30.0
"""How long the tests may take, undisturbed, that a change is shown to."""

WORK = ROOT / ".mutants"


def main() -> int:
    """Returns the exit code: 1 where too few changes were noticed."""
    options = _options()
    leave = [Equivalent(**entry) for entry in _equivalent()]
    drawn = [
        mutant
        for mutant in draw(ROOT, options.count, options.seed, leave)
        if mutant.path.startswith(options.only)
    ]
    if not drawn:
        print(f"--only: nothing that was drawn lies in {options.only!r}. Give a folder or file in dlcore.")
        return 2
    verdicts = _try_all(drawn)
    return _report(verdicts, len(leave))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="how many changes are drawn of the whole code")
    parser.add_argument("--seed", type=int, default=1, help="another one draws others")
    parser.add_argument("--only", default="", help="try those of a folder or file only: dlcore/store")
    return parser.parse_args()


def _equivalent() -> list[dict[str, str]]:
    text = Path(__file__).with_name("equivalent.toml").read_text(encoding="utf-8")
    entries: list[dict[str, str]] = tomllib.loads(text).get("change", [])
    return entries


def _try_all(drawn: list[Mutant]) -> dict[Mutant, Verdict]:
    tree = WORK / "tree"
    copy_tree(ROOT, tree)
    reach = find_reach(tree, WORK / "reach", lambda line: print(line, flush=True))
    modules = sorted(
        {test.partition(".py::")[0].replace("/", ".") for part in reach.values() for test in part.seconds}
    )
    verdicts: dict[Mutant, Verdict] = {}
    with Host(tree) as bare, Host(tree, modules) as ready:
        for number, mutant in enumerate(drawn, 1):
            source = (ROOT / mutant.path).read_text(encoding="utf-8")
            chosen = plan(mutant, source, reach, SECONDS)
            verdicts[mutant] = Verdict(Outcome.SURVIVED, "no light test gets there")
            if chosen.tests:
                change = Change(mutant.path, source, mutant.mutate(source))
                limit = 30 + 4 * sum(chosen.tests.values())
                host = bare if chosen.at_import else ready
                verdicts[mutant] = host.run(list(chosen.tests), limit, change)
            print(
                f"{number}/{len(drawn)} {verdicts[mutant].outcome}: {mutant}  [{verdicts[mutant].test}]",
                flush=True,
            )
        _check_witnesses(bare, list(verdicts.values()))
    return verdicts


def _check_witnesses(host: Host, verdicts: list[Verdict]) -> None:
    """Runs the tests that noticed something once more, with nothing changed.

    Raises:
        SystemExit: one fails all the same, so that what it noticed counts for nothing.
    """
    witnesses = sorted(
        {verdict.test for verdict in verdicts if verdict.outcome is Outcome.NOTICED and verdict.test}
    )
    again = host.run(witnesses, 600)
    if again.outcome is not Outcome.SURVIVED:
        raise SystemExit(f"{again.test or 'a test'} fails with nothing changed, too. Fix it, then try again.")


def _report(verdicts: dict[Mutant, Verdict], left_out: int) -> int:
    counts = Counter(verdict.outcome for verdict in verdicts.values())
    share = 1 - counts[Outcome.SURVIVED] / len(verdicts)
    print(f"\nNot noticed ({counts[Outcome.SURVIVED]}):")
    for mutant, verdict in verdicts.items():
        if verdict.outcome is Outcome.SURVIVED:
            print(f"  {mutant}")
    print(
        f"\n{len(verdicts)} changes: {counts[Outcome.NOTICED]} noticed, {counts[Outcome.TOO_LONG]} noticed by running"
        f" on, {counts[Outcome.SURVIVED]} not: {share:.1%}, to be {FEWEST:.0%} at least."
        f" {left_out} are listed as making no difference."
    )
    return 0 if share >= FEWEST else 1


if __name__ == "__main__":
    sys.exit(main())
