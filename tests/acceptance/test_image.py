"""The image without a container engine: the Dockerfile's own steps, in a fresh folder in the place of its root."""

import os
import shutil
import socket
import subprocess
import sys
from contextlib import closing

import pytest

from dlcore.settings import Settings
from dlcore.store import Store
from tests.conftest import ROOT
from tests.image import instructions
from tests.waiting import wait_for

pytestmark = pytest.mark.acceptance


class Image:
    """A folder in which the instructions of the Dockerfile are carried out."""

    def __init__(self, root):
        self.root, self.folder = root, root
        self.environment = {"PATH": f"{root / 'bin'}:{os.environ['PATH']}", "LANG": "C.UTF-8"}
        self.variables = {}
        self.command, self.health = [], []
        (root / "bin").mkdir()
        (root / "bin" / "python").symlink_to(sys.executable)

    def inside(self, text):
        return text.replace("/opt/dlcore", f"{self.root}/opt/dlcore").replace("/data", f"{self.root}/data")

    def build(self):
        for one in instructions():
            if one.name == "FROM":
                self.variables = {}
            elif one.name == "ARG":
                name, default = one.rest.split("=")
                self.variables[name] = default
            elif one.name == "WORKDIR":
                self.folder = self.root / one.rest.removeprefix("/")
                self.folder.mkdir(parents=True, exist_ok=True)
            elif one.name == "COPY" and "--from" not in one.rest:
                self.copy(one.words[:-1], one.words[-1])
            elif one.name == "RUN" and not one.is_about_the_system:
                self.run(["sh", "-ec", self.inside(one.rest)])
            elif one.name == "ENV":
                for word in one.words:
                    name, value = word.split("=", 1)
                    self.environment[name] = self.inside(value).replace("$PATH", self.environment["PATH"])
            elif one.name == "CMD":
                self.command = one.words
            elif one.name == "HEALTHCHECK":
                self.health = type(one)("CMD", one.rest.split("CMD ")[1]).words

    def copy(self, sources, target):
        for source in sources:
            place = self.folder / (source if target == "./" else target)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, place)

    def run(self, command, **more):
        environment = {**self.environment, **self.variables, **more}
        return subprocess.run(command, cwd=self.folder, env=environment, check=True, timeout=1500)

    def files(self):
        return {path: path.stat().st_mtime_ns for path in (self.root / "opt").rglob("*") if path.is_file()}


def is_online():
    try:
        socket.create_connection(("pypi.org", 443), timeout=5).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not is_online(), reason="no network: the packages cannot be installed")
def test_the_steps_of_the_image_make_a_demo_that_trains_and_writes_to_its_data_alone(tmp_path, free_port):
    image = Image(tmp_path)
    image.build()
    before = image.files()
    serve = [str(free_port) if word == "8501" else word for word in image.command]
    health = [word.replace("8501", str(free_port)) for word in image.health]
    (tmp_path / "data").mkdir(mode=0o700)
    spec = tmp_path / "digits.yaml"
    with spec.open("w") as file:
        subprocess.run(
            ["python", "-m", "dlcore", "new", "digits"],
            cwd=image.folder,
            env=image.environment,
            stdout=file,
            check=True,
        )

    own = Settings(home=tmp_path / "data" / "home")
    worker = ["python", "-m", "dlcore", "worker"]
    alone = {**image.environment, "DLCORE_START_WORKER": "false"}
    with (
        subprocess.Popen(serve, cwd=image.folder, env=alone) as server,
        subprocess.Popen(worker, cwd=image.folder, env=alone) as supervisor,
    ):
        try:
            wait_for(lambda: subprocess.run(health, env=alone, capture_output=True).returncode == 0)
            with closing(Store.open(own)) as store:
                wait_for(store.workers.current)
            image.run(["python", "-m", "dlcore", "train", str(spec), "--set", "training.epochs=1"])
        finally:
            server.terminate()
            supervisor.terminate()

    assert image.files() == before
    assert (tmp_path / "data" / "home" / "store.sqlite").is_file()


@pytest.mark.skipif(not shutil.which("apt-get"), reason="apt-get is not installed")
def test_debian_has_the_packages_that_the_image_installs():
    (install,) = [one for one in instructions() if one.is_about_the_system and one.words[0] == "apt-get"]
    names = install.rest.split("--no-install-recommends", 1)[1].split("&&", 1)[0].split()

    assert names
    subprocess.run(["apt-get", "install", "--simulate", "--quiet", *names], check=True, capture_output=True)
