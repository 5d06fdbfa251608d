"""Whether what runs models in a browser is on this machine."""

import pytest

from dlcore.browser.runtime import read_runtime
from dlcore.settings import Settings

needs_runtime = pytest.mark.skipif(
    read_runtime(Settings().browser_dir) is None, reason="needs `make browser-inference`, which needs npm"
)
