"""What the acceptance tests share."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def memory_is_given_back() -> Iterator[None]:
    """Lets go of a test's models: Keras holds them in circles, which Python may not look for in an hour."""
    yield
    import keras

    keras.backend.clear_session()
    gc.collect()
