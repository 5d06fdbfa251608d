"""The JavaScript of our components, tested by Node's own runner."""

import shutil
import subprocess

import pytest

from tests.conftest import ROOT

SUITES = sorted((ROOT / "tests" / "js").glob("*.test.mjs"))


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.name)
def test_the_scripts_of_the_browser_pass_their_own_tests(suite):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js found: install it to run the tests of the browser's scripts")
    done = subprocess.run([node, "--test", str(suite)], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
