"""The package as it is installed: its commands, its pages and its calls, away from any checkout."""

import os
import subprocess
import sys
import zipfile

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.processes

PAGES = """
from streamlit.testing.v1 import AppTest
import dlcore
from pathlib import Path
router = Path(dlcore.__file__).parent / "ui" / "router.py"
app = AppTest.from_file(str(router), default_timeout=120).run()
for name in ("data", "upload", "build", "train", "search", "runs", "studies"):
    app.switch_page(f"../pages/{name}.py").run()
    assert not app.exception, app.exception
    print(name, app.title[0].value)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the unpacked wheel, and the way to run Python there."""
    folder = tmp_path_factory.mktemp("package")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    here = {
        "PYTHONPATH": str(folder / "site"),
        "DLCORE_HOME": str(folder / "home"),
        "KERAS_HOME": str(folder / "keras"),
        "DLCORE_START_WORKER": "false",
    }

    def run(*arguments):
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env={**os.environ, **here},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


def test_every_page_opens_where_there_is_no_checkout(installed):
    done = installed("-c", PAGES)

    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        "data", "upload", "build", "train", "search", "runs", "studies",
    ]  # fmt: skip


def test_train_and_search_are_called_on_the_package(installed):
    code = (
        "import dlcore\n"
        "assert 'pandas' not in __import__('sys').modules\n"
        "print(dlcore.train.__name__, callable(dlcore.search))\n"
        "from dlcore.search.spec import SearchSpec\n"
        "print(callable(dlcore.search))\n"
    )
    done = installed("-c", code)

    assert done.stdout.split() == ["train", "True", "True"], done.stderr


def test_a_new_experiment_is_printed_and_can_be_checked(installed, tmp_path):
    done = installed("-m", "dlcore", "new", "digits", "--template", "mlp")

    assert done.returncode == 0, done.stderr
    (tmp_path / "spec.yaml").write_text(done.stdout)
    script = installed("-m", "dlcore", "code", str(tmp_path / "spec.yaml"))
    assert script.returncode == 0, script.stderr
    assert "Dense(" in script.stdout
    assert "Conv2D" not in script.stdout


def test_a_template_for_other_data_is_refused_with_those_that_fit(installed):
    done = installed("-m", "dlcore", "new", "digits", "--template", "table_mlp")

    assert done.returncode == 2
    assert "Choose among: cnn, lenet5, vgg, resnet, vit, mlp, empty." in " ".join(done.stderr.split())
