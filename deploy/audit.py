"""`make audit`: whether what is locked has known vulnerabilities, and licences that a host can keep.

Runs in an environment of its own, with pip-audit and pip-licenses, and is told the Python whose packages are looked at.
Where the network, or the index's list of vulnerabilities, does not answer, that part is skipped and says so.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from license_expression import AND, OR, ExpressionError, LicenseSymbol, Licensing, RenderableFunction

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements-gpu.lock"
"""The larger of the two: it has every release of the other one."""
SECONDS = 90
"""How long the index may take, all packages together."""


def locked_names(lock: str) -> list[str]:
    """Returns the names of the packages of a lock."""
    return re.findall(r"^([a-z0-9][a-z0-9._-]*)==", lock, flags=re.MULTILINE)


def vulnerability_lines(report: Mapping[str, Any]) -> tuple[list[str], str]:
    """Returns a line for each vulnerability of pip-audit's report, and what is said of the whole."""
    found = report["dependencies"]
    known = [one for one in found if "skip_reason" not in one]
    if not known:
        return [], "vulnerabilities: skipped, since the index says nothing about any package"
    lines = [
        f"{one['name']} {one['version']}: {flaw['id']}, fixed in {', '.join(flaw['fix_versions']) or 'no release'}"
        for one in known
        for flaw in one["vulns"]
    ]
    left = sorted(one["name"] for one in found if "skip_reason" in one)
    unknown = f"; not known to the index: {', '.join(left)}" if left else ""
    return lines, f"vulnerabilities: {len(lines)} in {len(known)} packages{unknown}"


def _is_allowed(licence: str, allowed: Collection[str]) -> bool:
    """Whether a host may keep a package: "A OR B" is a choice, "A AND B" asks for both."""

    def holds(part: LicenseSymbol | RenderableFunction) -> bool:
        if isinstance(part, AND):
            return all(map(holds, part.args))
        if isinstance(part, OR):
            return any(map(holds, part.args))
        return part.render() in allowed

    if licence in allowed:  # a classifier's name, which is no expression
        return True
    try:
        expression = Licensing().parse(licence)
    except ExpressionError:
        return False
    return expression is not None and holds(expression)


def licence_lines(
    installed: Iterable[Mapping[str, str]], names: Iterable[str], policy: Mapping[str, Any]
) -> tuple[list[str], str]:
    """Returns a line for each licence that the policy does not know, and what is said of the whole."""
    licences = {one["Name"].lower().replace("_", "-"): one["License"] for one in installed}
    licences |= {name: licence for name, licence in policy["told"].items() if name in licences}
    lines = [
        f"{name}: {licences[name]}"
        for name in sorted(licences)
        if not _is_allowed(licences[name], policy["allowed"])
    ]
    absent = [name for name in names if name not in licences]
    return (
        lines,
        f"licences: {len(lines)} unknown of {len(licences)}; not installed here: {', '.join(absent) or 'none'}",
    )


def _vulnerabilities() -> tuple[list[str], str]:
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--require-hashes",
        "--disable-pip",
        "--progress-spinner",
        "off",
    ]
    try:
        done = subprocess.run(
            [*command, "--format", "json", "--requirement", str(LOCK)],
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return [], f"vulnerabilities: skipped, since the index took more than {SECONDS} s"
    if not done.stdout.strip():  # of the network and of an index that fails it makes a traceback
        reason = (done.stderr.strip() or "no answer").splitlines()[-1]
        return [], f"vulnerabilities: skipped, since the index did not answer ({reason[:200]})"
    return vulnerability_lines(json.loads(done.stdout))


def _licences(python: str) -> tuple[list[str], str]:
    names = locked_names(LOCK.read_text(encoding="utf-8"))
    command = [str(Path(sys.executable).with_name("pip-licenses")), f"--python={python}", "--format=json"]
    done = subprocess.run(
        [*command, "--from=mixed", "--with-system", "--packages", *names],
        capture_output=True,
        text=True,
        check=True,
    )
    policy = tomllib.loads((ROOT / "deploy" / "licences.toml").read_text(encoding="utf-8"))
    return licence_lines(json.loads(done.stdout), names, policy)


def main(python: str) -> int:
    """Says what was found; returns 1 if a person has to decide something."""
    is_found = False
    for lines, summary in (_vulnerabilities(), _licences(python)):
        print(f"audit: {summary}")
        for line in lines:
            print(f"  {line}")
            is_found = True
    return int(is_found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
