"""From texts to numbers."""

from typing import ClassVar, Literal

from dlcore.errors import N_, SpecError
from dlcore.spec.data import DataKind
from dlcore.spec.fields import arg
from dlcore.spec.preprocessing.base import STEPS, Step
from dlcore.spec.signature import INPUT, Form, InputSpec


@STEPS.register
class TextVectorization(Step):
    """Cuts texts into tokens and gives each its number in a vocabulary of the training part.

    Id 0 fills up short texts, id 1 stands for tokens that the vocabulary lacks.
    """

    title: ClassVar[str] = N_("Tokenize text")
    summary: ClassVar[str] = N_("Turns each text into numbers: one a word, or one a character.")
    data_kinds: ClassVar[frozenset[DataKind]] = frozenset({DataKind.TEXT})

    max_tokens: int = arg(
        10_000,
        N_("The size of the vocabulary, the commonest tokens first."),
        ge=3,
        le=1_000_000,
        label=N_("Vocabulary size"),
    )
    standardize: Literal["lower_and_strip_punctuation", "lower", "strip_punctuation", "none"] = arg(
        "lower_and_strip_punctuation", N_("What is done to a text before tokenization.")
    )
    split: Literal["whitespace", "character"] = arg(
        "whitespace", N_("Where a text is cut: between words, or between all characters.")
    )
    ngrams: int = arg(
        1,
        N_("Also counts up to this many neighboring tokens as one."),
        ge=1,
        le=5,
        advanced=True,
        label=N_("N-grams"),
    )
    output_mode: Literal["int", "multi_hot", "count", "tf_idf"] = arg(
        "int", N_("A sequence of ids, or one number for each word of the vocabulary.")
    )
    output_sequence_length: int = arg(
        100, N_("Tokens of each text; longer ones are cut, shorter ones filled up."), ge=1, le=20_000
    )

    def form(self, form: Form) -> Form:
        """(output_sequence_length,) ids, or (max_tokens,) numbers."""
        if form.inputs:
            raise SpecError(N_("the texts are already numbers."), hint=N_("Remove one of the two steps."))
        if self.output_mode == "int":
            spec = InputSpec((self.output_sequence_length,), "int32", self.max_tokens)
        else:
            spec = InputSpec((self.max_tokens,))
        return form.with_input(INPUT, spec)
