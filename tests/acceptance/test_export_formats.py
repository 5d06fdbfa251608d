"""The formats of the kinds of models that the quick tests leave out."""

from itertools import product

import pytest

from dlcore.exports import EXPORTS
from dlcore.settings import Settings
from tests.exports.agreement import check_format
from tests.exports.conftest import KINDS, MORE_KINDS, QUICK_PAIRS, Home

pytestmark = [pytest.mark.keras, pytest.mark.acceptance]

HALF = "litert-float16"


PAIRS = [pair for pair in product(EXPORTS, KINDS) if pair not in QUICK_PAIRS]
PAIRS += [(name, kind) for name in EXPORTS if name != HALF for kind in MORE_KINDS]
# What continues numbers around 100 is refused in half precision: it differs in the third digit.
PAIRS += [(HALF, kind) for kind in ("recommender", "reconstruction")]


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    home = Home(Settings(home=tmp_path_factory.mktemp("home"), KERAS_HOME=tmp_path_factory.mktemp("keras")))
    return {kind: home.source(kind) for kind in dict.fromkeys(kind for _, kind in PAIRS)}


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_a_format_is_whole_and_agrees(sources, tmp_path, name, kind):
    check_format(sources[kind], name, tmp_path)
