"""What people call a part: as a folder, a file, a cell of a column or an array, in several languages."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from dlcore.datasets.samples import TEST, TRAIN, VALIDATION

_WORDS = {
    TRAIN: "train training trn trainval entrainement entrenamiento treino 训练 訓練 学習 훈련 학습",
    VALIDATION: "valid validation validate validating val dev develop development validierung validacion "
    "validacao 验证 驗證 开发 検証 검증",
    TEST: "test testing tst eval evaluation holdout prueba teste 测试 測試 评估 评测 テスト 評価 테스트 평가",
}
PART_WORDS = {word: part for part, words in _WORDS.items() for word in words.split()}
"""For each word its part: the one table, whatever the word is the name of."""

PART_COLUMN = "part"
"""What the column of parts is called where something else than a column of the table tells them."""

_FILLERS = frozenset(
    ["set", "sets", "data", "dataset", "datasets", "split", "splits", "subset", "part", "partition", "seg",
     "fold", "image", "images", "img", "imgs", "picture", "pictures", "photo", "photos", "jpg", "jpeg", "png",
     "audio", "wav", "sound", "sounds", "clip", "clips", "text", "texts", "txt", "csv", "file", "files",
     "folder", "dir", "sample", "samples", "digits", "label", "labels", "labeled", "labelled", "my", "the",
     "final", "new", "small", "full", "public", "private", "集", "数据", "數據", "数据集", "數據集", "样本", "樣本", "图片", "图像", "图", "圖片", "データ",
     "セット", "데이터", "데이터셋", "세트"]
)  # fmt: skip
"""Words that may stand beside one without another meaning: `training_set`, `seg_train`, `测试图片`."""

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TOKEN = re.compile(r"[^\W\d_]+")


def part_of(word: str) -> str | None:
    """Returns the part that a word names, in any case; None if it names none, or more than one.

    Example:
        >>> [part_of(word) for word in ("training_set", "TEST2017", "测试集", "hold-out", "test tube", "train_test")]
        ['train', 'test', 'test', 'test', None, None]
    """
    parts, rest = _divided(word)
    return next(iter(parts)) if len(parts) == 1 and not rest else None


def parts_of(words: Iterable[str]) -> dict[str, str]:
    """Returns the part of each word that names one, as the names of things side by side.

    What all of them share has no meaning: `fruits_train` and `fruits_test` are parts, `test_tube` and
    `train_station` are not.
    """
    found: dict[str, str] = {}
    alike: defaultdict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for word in words:
        parts, rest = _divided(word)
        if len(parts) == 1:
            alike[rest][word] = next(iter(parts))
    for rest, named in alike.items():
        if not rest or len(set(named.values())) > 1:
            found |= named
    return found


def classes_in_parts(words: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Returns the part and the class of each word, if all of them name both.

    Example:
        >>> classes_in_parts(["cat_train", "cat_test", "dog_train", "dog_test"])["dog_test"]
        ('test', 'dog')
    """
    found: dict[str, tuple[str, str]] = {}
    for word in words:
        parts, rest = _divided(word)
        if len(parts) != 1 or not rest:
            return {}
        tokens = _TOKEN.findall(_CAMEL.sub(" ", word))
        found[word] = (next(iter(parts)), "_".join(token for token in tokens if _plain(token) in rest))
    labels = {label for _, label in found.values()}
    return found if 1 < len(labels) < len(found) and len({part for part, _ in found.values()}) > 1 else {}


def _divided(word: str) -> tuple[set[str], tuple[str, ...]]:
    """Returns the parts that the words in a name stand for, and the words that mean something else."""
    parts: set[str] = set()
    rest = []
    tokens = [_plain(token) for token in _TOKEN.findall(_CAMEL.sub(" ", word))]
    if (whole := "".join(tokens)) in PART_WORDS:  # hold-out, train_val
        return {PART_WORDS[whole]}, ()
    for token in tokens:
        if (part := _glued(token)) is not None:
            parts.add(part)
        elif token not in _FILLERS:
            rest.append(token)
    return parts, tuple(rest)


def _plain(token: str) -> str:
    """Returns the token in lower case, and Latin letters without their accents."""
    folded = unicodedata.normalize("NFKC", token).casefold()
    bare = "".join(one for one in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(one))
    return bare if bare.isascii() else folded


def _glued(token: str) -> str | None:
    """Returns the part of a token that may have a filler before or behind it: `trainset`, `训练集`."""
    if token in PART_WORDS:
        return PART_WORDS[token]
    for cut in range(1, len(token)):
        head, tail = token[:cut], token[cut:]
        if tail in _FILLERS and head in PART_WORDS:
            return PART_WORDS[head]
        if head in _FILLERS and tail in PART_WORDS:
            return PART_WORDS[tail]
    return None
