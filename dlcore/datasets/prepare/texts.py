"""From texts to numbers, as Keras' TextVectorization does it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from dlcore.datasets.clean.divisions import Division
from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.prepare.encoders import AppliedData, EncodedData, State, targets_of
from dlcore.datasets.samples import Samples
from dlcore.spec.preprocessing import Step, TextVectorization
from dlcore.spec.signature import INPUT

PADDING, UNKNOWN = 0, 1
_PUNCTUATION = re.compile(r"[!\"#$%&()*+,\-./:;<=>?@\[\\\]^_`{|}~']")


def encode_texts(samples: Samples, division: Division, steps: Sequence[Step]) -> EncodedData:
    """Returns the texts as ids or counts, with a vocabulary of the training part alone."""
    state = learn_texts(samples, division.train, steps)
    inputs = apply_texts(samples, steps, state).inputs
    return EncodedData(inputs, targets_of(samples), division, samples.rows, state)


def learn_texts(samples: Samples, train: Indices, steps: Sequence[Step]) -> State:
    """Returns under `vocabulary` the tokens of the training part by id, under `idf` how tellingly each is."""
    step = _vectorization(steps)
    texts = samples.texts.iloc[train]
    vocabulary = vocabulary_of((tokens_of(text, step) for text in texts), step.max_tokens)
    if step.output_mode == "int":
        return {"vocabulary": vocabulary}
    told = step.output_mode == "tf_idf"
    tokens = (tokens_of(text, step) for text in texts)
    idf = _frequencies(tokens, len(texts), _places(vocabulary)) if told else []
    return {"vocabulary": vocabulary, "idf": idf}


def apply_texts(samples: Samples, steps: Sequence[Step], state: State) -> AppliedData:
    """Returns texts as ids or counts by a vocabulary that was learned from others."""
    step = _vectorization(steps)
    values = _values(_tokens(samples, step), step, state)
    return AppliedData({INPUT: values}, np.arange(len(samples)))


def _vectorization(steps: Sequence[Step]) -> TextVectorization:
    (step,) = (one for one in steps if isinstance(one, TextVectorization))
    return step


def _tokens(samples: Samples, step: TextVectorization) -> list[list[str]]:
    return [tokens_of(text, step) for text in samples.texts]


def _places(vocabulary: Sequence[str]) -> dict[str, int]:
    return {token: place for place, token in enumerate(vocabulary)}


def _values(texts: list[list[str]], step: TextVectorization, state: State) -> Array:
    ids = _places(state["vocabulary"])
    if step.output_mode == "int":
        return _sequences(texts, ids, step.output_sequence_length)
    values = _counts(texts, ids, step.max_tokens)
    if step.output_mode == "multi_hot":
        return (values > 0).astype(np.float32)
    if step.output_mode == "tf_idf":
        values[:, : len(ids)] *= np.array(state["idf"], np.float32)
    return values


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


def _counts(texts: list[list[str]], ids: dict[str, int], size: int) -> npt.NDArray[np.float32]:
    """(texts, size) at each id how often it occurs."""
    values = np.zeros((len(texts), size), np.float32)
    for row, tokens in zip(values, texts, strict=True):
        for token, count in Counter(ids.get(token, UNKNOWN) for token in tokens).items():
            row[token] = count
    return values


def _frequencies(texts: Iterable[list[str]], total: int, ids: dict[str, int]) -> list[float]:
    """Returns the weight of each id, as Keras has it: log(1 + N / (1 + df)); what is unknown counts as the mean."""
    containing = np.zeros(len(ids), np.int64)
    for tokens in texts:
        containing[list({ids.get(token, UNKNOWN) for token in tokens})] += 1
    weights = np.log1p(total / (1.0 + containing))
    weights[UNKNOWN] = weights[2:].mean() if len(ids) > 2 else 0.0
    return list(weights.tolist())
