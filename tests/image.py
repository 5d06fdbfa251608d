"""The Dockerfile as data: its instructions, and the files that it may copy."""

import json
import shlex
from dataclasses import dataclass

from tests.conftest import ROOT


@dataclass(frozen=True)
class Instruction:
    """One of a Dockerfile, such as RUN, with what follows it on one line."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        return json.loads(self.rest) if self.rest.startswith("[") else shlex.split(self.rest)

    @property
    def is_about_the_system(self) -> bool:
        """Whether it changes more than the image's own folders: its packages, its users."""
        return self.name == "RUN" and self.words[0] in ("apt-get", "useradd")


def instructions() -> list[Instruction]:
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    whole = "\n".join(lines).replace("\\\n", " ")
    return [Instruction(*line.split(None, 1)) for line in whole.splitlines() if line.strip()]


def copied() -> list[str]:
    """Returns what is copied from the checkout."""
    found = (one.words for one in instructions() if one.name == "COPY" and "--from" not in one.rest)
    return [source for words in found for source in words[:-1]]


def allowed() -> list[str]:
    """Returns what .dockerignore lets in, which leaves out everything else."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    return [line.removeprefix("!") for line in lines if line.startswith("!")]
