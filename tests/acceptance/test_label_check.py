"""A check of labels on MNIST of which 2 % are changed: 90 % of them stand among the first 3 % of the list."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

pytestmark = [pytest.mark.acceptance, pytest.mark.processes]


def call(home, *line):
    done = subprocess.run(
        [sys.executable, "-m", "dlcore", *line],
        env={**os.environ, "DLCORE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_changed_labels_of_mnist_are_found(tmp_path, shared_data):
    with np.load(shared_data / "mnist.npz") as file:
        arrays = dict(file)
    generator = np.random.default_rng(12)
    labels = np.concatenate([arrays["y_train"], arrays["y_test"]]).astype(np.int64)
    changed = generator.choice(len(labels), round(0.02 * len(labels)), replace=False)
    labels[changed] = (labels[changed] + generator.integers(1, 10, len(changed))) % 10
    arrays |= {"y_train": labels[: len(arrays["y_train"])], "y_test": labels[len(arrays["y_train"]) :]}
    np.savez(tmp_path / "noisy.npz", **arrays)
    home = tmp_path / "home"
    call(home, "data", "add", str(tmp_path / "noisy.npz"), "--name", "noisy")
    (tmp_path / "spec.yaml").write_text(call(home, "new", "noisy"))
    run = json.loads(call(home, "train", str(tmp_path / "spec.yaml"), "--set", "training.epochs=3", "--json"))
    found = json.loads(call(home, "labels", run["run_id"], "--json"))
    first = [one["sample"] for one in found[: round(0.03 * len(labels))]]
    share = np.isin(changed, first).mean()
    print(f"{share:.1%} of the changed labels are among the first 3 % of the samples")
    assert share >= 0.9
