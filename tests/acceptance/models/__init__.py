"""Small models of 50 kinds that people bring, written for this test after the field's usual examples."""

from tests.acceptance.models.base import Example
from tests.acceptance.models.language import LANGUAGE
from tests.acceptance.models.others import OTHERS
from tests.acceptance.models.vision import VISION

EXAMPLES: tuple[Example, ...] = (*VISION, *LANGUAGE, *OTHERS)

__all__ = ["EXAMPLES", "Example"]
