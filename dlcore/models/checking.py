"""Reads the weights of a file once in a process of its own, for HDF5's parser is C code and files are strangers'.

A file that makes it crash, hang or fill the memory ends that process, not the dashboard.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from dlcore.errors import N_, Message, SpecError
from dlcore.rlimits import limit_process

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300
_MEMORY = 4 << 30


def check_weights(path: Path, scratch: Path) -> None:
    """Makes sure that the weights of a `.keras` file can be read and belong to its config.

    Args:
        path: the file.
        scratch: a folder with room for a copy of the weights.

    Raises:
        SpecError: they cannot, or do not.
    """
    command = [sys.executable, "-m", "dlcore.models.checking", str(path.resolve()), str(scratch.resolve())]
    try:
        # From our root, where the package is found whatever folder this process works in.
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
        answer = json.loads(done.stdout) if done.returncode == 0 else None
    except (subprocess.TimeoutExpired, ValueError):
        answer = None
    if not isinstance(answer, dict):
        raise SpecError(
            N_("the weights cannot be read."),
            hint=N_("Save the model again with `model.save`, and copy the whole file."),
        )
    if answer:
        message = Message.from_dict(answer)
        raise SpecError(message.template, hint=message.hint, where=message.where, **message.params)


def main(path: Path, scratch: Path) -> int:
    """Prints an empty object if the weights are good, else what is wrong with them."""
    from dlcore.models.keras_file import read_model_file
    from dlcore.models.weights import read_weights

    limit_process(memory_bytes=path.stat().st_size * 4 + _MEMORY, seconds=SECONDS)
    try:
        read_weights(path, read_model_file(path), scratch=scratch)
    except SpecError as error:
        print(json.dumps(error.message.to_dict()))
        return 0
    print("{}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
