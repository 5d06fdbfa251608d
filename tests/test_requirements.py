"""What a host installs: the locks, and what is said of vulnerabilities and licences in them."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.audit import licence_lines, locked_names, vulnerability_lines
from tests.conftest import ROOT

LOCKS = {
    "requirements.lock": ["requirements-hosted.txt"],
    "requirements-gpu.lock": ["requirements-hosted.txt", "requirements-gpu.txt"],
}


def direct(name):
    """Returns the requirements in a file and in those that it names."""
    found = []
    for line in (ROOT / name).read_text().splitlines():
        if line.startswith("-r "):
            found += direct(line.removeprefix("-r "))
        elif line and not line.startswith("#"):
            found.append(Requirement(line))
    return found


def locked(name):
    """Returns each package of a lock with its release, its condition and its hashes."""
    found = {}
    for block in re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text())[1:]:
        head = Requirement(block.split("\\", 1)[0].strip())
        (release,) = head.specifier
        assert release.operator == "==", block
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", block)
        found[canonicalize_name(head.name)] = (release.version, head.marker, hashes)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_has_each_package_that_is_asked_for_in_a_release_that_is_asked_for(name):
    releases = locked(name)

    for requirement in (one for file in LOCKS[name] for one in direct(file)):
        release, marker, _ = releases[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(release), (
            f"{requirement}: {release} is locked. Call `make lock`."
        )
        assert marker is None


@pytest.mark.parametrize("name", LOCKS)
def test_each_package_of_a_lock_has_a_hash(name):
    releases = locked(name)

    assert len(releases) > 80
    assert [package for package, (_, _, hashes) in releases.items() if not hashes] == []


def test_both_locks_have_the_same_releases():
    plain, gpu = locked("requirements.lock"), locked("requirements-gpu.lock")

    assert {name: gpu[name][0] for name in plain} == {
        name: release for name, (release, _, _) in plain.items()
    }
    assert all(name.startswith("nvidia-") for name in gpu.keys() - plain.keys())


def test_what_the_locked_packages_need_is_locked_for_each_python():
    releases = locked("requirements.lock")
    missing, looked_at = [], 0
    for name, (release, _, _) in releases.items():
        try:
            installed = distribution(name)
        except PackageNotFoundError:  # for another system, or for hosts alone
            continue
        if installed.version != release:
            continue
        looked_at += 1
        for needed in map(Requirement, installed.requires or []):
            for python in ("3.11", "3.12", "3.13"):
                if needed.marker is None or needed.marker.evaluate(
                    {"extra": "", "python_version": python, "python_full_version": f"{python}.0"}
                ):
                    _, marker, _ = releases.get(
                        canonicalize_name(needed.name), ("", Marker("python_version < '3'"), [])
                    )
                    if marker is not None and not marker.evaluate({"python_version": python}):
                        missing.append(f"{name} needs {needed} with Python {python}")

    assert missing == []
    assert looked_at > 40


def test_vulnerabilities_are_named_with_the_release_that_fixes_them():
    report = {
        "dependencies": [
            {
                "name": "pillow",
                "version": "9.0.0",
                "vulns": [{"id": "PYSEC-2022-10", "fix_versions": ["9.0.1"]}],
            },
            {"name": "mako", "version": "1.0", "vulns": [{"id": "GHSA-1", "fix_versions": []}]},
            {"name": "numpy", "version": "2.4.6", "vulns": []},
            {"name": "ours", "skip_reason": "Dependency not found on PyPI"},
        ]
    }

    assert vulnerability_lines(report) == (
        ["pillow 9.0.0: PYSEC-2022-10, fixed in 9.0.1", "mako 1.0: GHSA-1, fixed in no release"],
        "vulnerabilities: 2 in 3 packages; not known to the index: ours",
    )


def test_an_index_that_knows_no_package_does_not_count_as_an_audit():
    report = {"dependencies": [{"name": "numpy", "skip_reason": "Dependency not found on PyPI"}]}

    assert vulnerability_lines(report) == (
        [],
        "vulnerabilities: skipped, since the index says nothing about any package",
    )


def test_a_licence_that_nobody_has_looked_at_is_named():
    policy = {"allowed": ["MIT", "Apache-2.0"], "told": {"namex": "Apache-2.0", "absent": "MIT"}}
    installed = [
        {"Name": "namex", "License": "UNKNOWN"},
        {"Name": "PyYAML", "License": "MIT"},
        {"Name": "typing_extensions", "License": "Proprietary"},
    ]

    assert licence_lines(installed, ["namex", "pyyaml", "typing-extensions", "colorama"], policy) == (
        ["typing-extensions: Proprietary"],
        "licences: 1 unknown of 3; not installed here: colorama",
    )


@pytest.mark.parametrize(
    ("licence", "is_known"),
    [
        ("MIT", True),
        ("Apache Software License", True),
        ("Apache-2.0 OR MIT", True),
        ("MIT OR Apache-2.0", True),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("GPL-3.0-only OR SSPL-1.0", False),
        ("Apache-2.0 AND (GPL-3.0-only OR MIT)", True),
        ("Apache-2.0 AND (GPL-3.0-only OR SSPL-1.0)", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("Apache-2.0 WITH LLVM-exception", False),
        ("Custom; see (the file", False),
        ("", False),
    ],
)
def test_of_licences_that_are_offered_one_must_be_known_and_of_those_that_all_hold_each(licence, is_known):
    policy = {"allowed": ["Apache Software License", "Apache-2.0", "MIT"], "told": {}}

    lines, _ = licence_lines([{"Name": "package", "License": licence}], ["package"], policy)

    assert lines == ([] if is_known else [f"package: {licence}"])


def test_the_policy_speaks_of_packages_that_are_locked():
    policy = tomllib.loads((ROOT / "deploy" / "licences.toml").read_text())

    assert policy["told"].keys() <= set(locked_names((ROOT / "requirements-gpu.lock").read_text()))
    assert policy["allowed"] == sorted(policy["allowed"])
