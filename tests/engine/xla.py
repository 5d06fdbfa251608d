"""What XLA thinks of a training step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def check_xla(step: Callable[..., Any], batch: Any) -> None:
    """Raises where XLA cannot compile a training step, which on a GPU is compiled.

    It is lowered only: LLVM would take half a second for what says no more.
    """
    compiled_step = tf.function(step, jit_compile=True, autograph=False)
    assert "ENTRY" in compiled_step.experimental_get_compiler_ir(batch)(stage="hlo")
