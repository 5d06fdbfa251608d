"""From texts to numbers, as Keras' TextVectorization does it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.clean.divisions import Division
from dlcore.datasets.parts import Array
from dlcore.datasets.prepare.encoders import EncodedData, targets_of
from dlcore.datasets.samples import Samples
from dlcore.spec.preprocessing import Step, TextVectorization
from dlcore.spec.signature import INPUT

PADDING, UNKNOWN = 0, 1
_PUNCTUATION = re.compile(r"[!\"#$%&()*+,\-./:;<=>?@\[\\\]^_`{|}~']")


def encode_texts(samples: Samples, division: Division, steps: Sequence[Step]) -> EncodedData:
    """Returns the texts as ids or counts, with a vocabulary of the training part alone."""
    (step,) = (one for one in steps if isinstance(one, TextVectorization))
    tokens = [tokens_of(text, step) for text in samples.frame["text"]]
    vocabulary = vocabulary_of((tokens[i] for i in division.train), step.max_tokens)
    ids = {token: place for place, token in enumerate(vocabulary)}
    if step.output_mode == "int":
        values: Array = _sequences(tokens, ids, step.output_sequence_length)
        state: dict[str, Any] = {"vocabulary": vocabulary}
    else:
        values, frequencies = _counts(tokens, ids, division.train, step)
        state = {"vocabulary": vocabulary, "idf": frequencies}
    return EncodedData({INPUT: values}, targets_of(samples), division, samples.rows, state)


def tokens_of(text: str, step: TextVectorization) -> list[str]:
    """Returns a text cut into tokens.

    Example:
        >>> tokens_of("It's HERE, now", TextVectorization(ngrams=2))
        ['its', 'here', 'now', 'its here', 'here now']
    """
    if step.standardize in ("lower", "lower_and_strip_punctuation"):
        text = text.lower()
    if step.standardize in ("strip_punctuation", "lower_and_strip_punctuation"):
        text = _PUNCTUATION.sub("", text)
    tokens = text.split() if step.split == "whitespace" else list(text)
    longer = (
        " ".join(tokens[i : i + size])
        for size in range(2, step.ngrams + 1)
        for i in range(len(tokens) - size + 1)
    )
    return [*tokens, *longer]


def vocabulary_of(texts: Iterable[list[str]], size: int) -> list[str]:
    """Returns the tokens by id: nothing, unknown, then the most common first;
    of equally common ones as Keras has them.
    """
    counts = Counter(token for tokens in texts for token in tokens)
    ordered = sorted(counts, key=lambda token: (counts[token], token), reverse=True)
    return ["", "[UNK]", *ordered[: size - 2]]


def _sequences(texts: list[list[str]], ids: dict[str, int], length: int) -> npt.NDArray[np.int32]:
    values = np.full((len(texts), length), PADDING, np.int32)
    for row, tokens in zip(values, texts, strict=True):
        found = [ids.get(token, UNKNOWN) for token in tokens[:length]]
        row[: len(found)] = found
    return values


def _counts(
    texts: list[list[str]], ids: dict[str, int], train: Array, step: TextVectorization
) -> tuple[npt.NDArray[np.float32], list[float]]:
    """(texts, max_tokens) at each id whether, how often, or how tellingly it occurs."""
    values = np.zeros((len(texts), step.max_tokens), np.float32)
    for row, tokens in zip(values, texts, strict=True):
        for token, count in Counter(ids.get(token, UNKNOWN) for token in tokens).items():
            row[token] = count
    if step.output_mode == "multi_hot":
        return (values > 0).astype(np.float32), []
    if step.output_mode == "count":
        return values, []
    # Keras: log(1 + N / (1 + df)); what is unknown counts as the mean of all.
    containing = (values[train] > 0).sum(axis=0)
    weights = np.log1p(len(train) / (1.0 + containing))
    weights[UNKNOWN] = weights[2 : len(ids)].mean() if len(ids) > 2 else 0.0
    return values * weights.astype(np.float32), weights[: len(ids)].tolist()
