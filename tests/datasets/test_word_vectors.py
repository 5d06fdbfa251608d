"""Word vectors from a file: read as they are meant, refused, or counted and said."""

import bz2
import gzip
import io
import lzma
import re
import zipfile

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dlcore.datasets.vectors.reading import Head, LineReader, read_head
from dlcore.datasets.vectors.stored import (
    all_vectors,
    open_vectors,
    remove_vectors,
    vectors_damage,
    vectors_names,
)
from dlcore.datasets.vectors.storing import inspect_vectors, store_vectors
from dlcore.datasets.vectors.text_file import TextFile
from dlcore.errors import DatasetError, DlcoreError, SpecError
from dlcore.records import JobUnit
from dlcore.settings import Settings

GLOVE = b"the 0.1 -0.2 3\ncat 4 5e-1 6\n. 7 8 9\n"


def zst(data):
    return pa.Codec("zstd").compress(data, asbytes=True)


def zipped(data, name="vectors.txt"):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return sink.getvalue()


PACKED = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zst,
    ".zip": zipped,
}


def kept(settings, data, origin="glove.6B.3d.txt", **chosen):
    """The vectors of a file with this content."""
    settings.home.mkdir(parents=True, exist_ok=True)
    path = settings.home.parent / "brought"
    path.write_bytes(data)
    return store_vectors(path, settings, owner="ann", origin=origin, **chosen)


def content(stored):
    """All words of stored vectors, each with its numbers."""
    words = (stored.folder / "words.txt").read_bytes().decode().split("\n")[:-1]
    numbers = np.fromfile(stored.folder / "vectors.bin", np.float32).reshape(len(words), -1)
    return list(zip(words, numbers.tolist(), strict=True))


def notes(stored):
    return [note.text() for note in stored.notes]


def refusal(settings, data, origin="glove.txt", **chosen):
    with pytest.raises(DatasetError) as caught:
        kept(settings, data, origin, **chosen)
    left = list(settings.vectors_dir.iterdir()) if settings.vectors_dir.is_dir() else []
    assert left == []
    return str(caught.value)


# What is read.


@pytest.mark.parametrize("ending", PACKED)
def test_a_file_of_glove_is_read_packed_or_not(settings, ending):
    told = []
    stored = kept(settings, PACKED[ending](GLOVE), f"glove.6B.3d.txt{ending}", name="glove", progress=lambda *p: told.append(p))  # fmt: skip

    f32 = [[float(np.float32(number)) for number in row] for row in ([0.1, -0.2, 3], [4, 0.5, 6], [7, 8, 9])]
    assert content(stored) == list(zip(["the", "cat", "."], f32, strict=True))
    assert (stored.about.words, stored.about.dimension, stored.about.owner) == (3, 3, "ann")
    assert stored.notes == ()
    done, size, unit = told[-1]
    assert (done, unit) == (size, JobUnit.BYTES)


def test_a_file_of_fasttext_says_first_how_many_words_it_has(settings):
    stored = kept(settings, b"2 2\ncat 1 2 \ndog 3 4 \n", "wiki.en.vec")

    assert stored.name == "wiki-en"
    assert content(stored) == [("cat", [1, 2]), ("dog", [3, 4])]
    assert stored.notes == ()


def test_a_first_line_that_announces_other_words_than_follow_is_said(settings):
    stored = kept(settings, b"5 2\ncat 1 2\ndog 3 4\n")

    assert notes(stored) == ["words announced in the first line: 5, found: 2; the file may be cut off"]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfcat 1 2\ndog 3 4\n",
        b"cat 1 2\r\ndog 3 4\r\n",
        b"cat\t1\t2\ndog\t3\t4",
        b"cat  1 2\n\n\ndog 3   4 \n",
        b"\n2 2\ncat 1 2\ndog 3 4\n",
        b"2 2\ncat 1 2\ndog 3 4",
    ],
    ids=["mark", "windows", "tabs", "blanks", "empty line first", "no end"],
)
def test_small_differences_in_form_change_nothing(settings, data):
    assert content(kept(settings, data)) == [("cat", [1, 2]), ("dog", [3, 4])]


def test_words_of_several_parts_are_one_word(settings):
    stored = kept(settings, b"cat 1 2\n. . . 3 4\nat name@domain.com 5 6\n")

    assert content(stored) == [("cat", [1, 2]), (". . .", [3, 4]), ("at name@domain.com", [5, 6])]
    assert stored.notes == ()


def test_words_may_hold_the_spaces_of_other_scripts(settings):
    stored = kept(settings, "a\u00a0b 1 2\n\u3000 3 4\n中\u2028文 5 6\n".encode())

    assert [word for word, _ in content(stored)] == ["a\u00a0b", "\u3000", "中\u2028文"]


def test_of_a_zip_with_several_files_one_is_chosen(settings, tmp_path):
    with zipfile.ZipFile(tmp_path / "glove.zip", "w") as archive:
        for dimension in (2, 3):
            archive.writestr(
                f"glove.6B.{dimension}d.txt", "cat" + " 1" * dimension + "\ndog" + " 2" * dimension
            )
        archive.writestr("__MACOSX/._glove.6B.2d.txt", b"\0\1")
        archive.writestr("README.md", "cat 1 2 3 4")
    data = (tmp_path / "glove.zip").read_bytes()

    found = inspect_vectors(tmp_path / "glove.zip", settings, origin="glove.zip")
    assert [(one.file, one.name, one.dimension, one.words) for one in found] == [
        ("glove.6B.2d.txt", "glove-6b-2d", 2, ("cat", "dog")),
        ("glove.6B.3d.txt", "glove-6b-3d", 3, ("cat", "dog")),
    ]
    said = refusal(settings, data, "glove.zip")
    assert said == (
        "it holds several files. Choose one of: glove.6B.2d.txt, glove.6B.3d.txt. On the command line: `--file NAME`."
    )
    said = refusal(settings, data, "glove.zip", file="glove.6B.9d.txt")
    assert said.startswith("it holds no file of that name. Choose one of: glove.6B.2d.txt")

    stored = kept(settings, data, "glove.zip", file="glove.6B.3d.txt")
    assert (stored.name, stored.about.dimension) == ("glove-6b-3d", 3)
    assert stored.about.origin == "glove.zip: glove.6B.3d.txt"


# What is left out, and said.


def many(*odd):
    """A hundred good lines, and odd ones in their middle, from line 51 on."""
    good = [f"w{n} {n} {n}.5".encode() for n in range(100)]
    return b"\n".join([*good[:50], *odd, *good[50:]])


@pytest.mark.parametrize(
    ("odd", "note"),
    [
        (b"short 1", "lines that are not a word with a vector of length 2: 1, the first is line 51"),
        (b"long 1 2 3", "lines that are not a word with a vector of length 2: 1, the first is line 51"),
        (b"1 2", "lines that are not a word with a vector of length 2: 1, the first is line 51"),
        (b"comma 1,5 2", "lines that are not a word with a vector of length 2: 1, the first is line 51"),
        (b"glued 1.5-2.5 3", "lines that are not a word with a vector of length 2: 1, the first is line 51"),
        (b"python 1_0 2", "lines that are not a word with a vector of length 2: 1, the first is line 51"),
        (b"nan nan 2", "lines with NaN or infinite numbers: 1, the first is line 51"),
        (b"far 1e39 2", "lines with NaN or infinite numbers: 1, the first is line 51"),
        (b"caf\xe9 1 2", "lines with words that are not UTF-8: 1, the first is line 51"),
    ],
    ids=lambda value: value.decode("latin-1") if isinstance(value, bytes) else "",
)
def test_a_line_that_is_no_vector_is_left_out_and_said(settings, odd, note):
    stored = kept(settings, many(odd))

    assert notes(stored) == [note]
    assert content(stored) == [(f"w{n}", [n, n + 0.5]) for n in range(100)]


def test_words_that_come_twice_are_counted_and_the_first_counts(settings):
    stored = kept(settings, many(b"w3 7 7", b"w3 8 8"))

    assert notes(stored) == ["words that come more than once: 2; the first vector counts"]
    found = stored.find({"w3": 0}, lowered=False)
    assert found.values.tolist() == [[3, 3.5]]


# What is refused.


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty. Choose another file."),
        (b"\n \n", "it is empty. Choose another file."),
        (b"3 2\n", "these are no word vectors; its first line is: 3 2"),
        (b"name,age,height\nAnn,3,4.5\nBob,5,6.5\n", "these are no word vectors; its first line is: name,age,height"),
        (b"name\tage\theight\nAnn\t3\t4.5\nBob\t5\t6.5\n", "these are no word vectors; its first line is: name"),
        (b"the 23135851162\nof 13151942776\n", "these are no word vectors; its first line is: the 23135851162"),
        (b"It was the best of times,\nit was the worst of times,\n", "these are no word vectors; its first line"),
        (b"5.1 3.5 1.4\n4.9 3.0 1.4\n", "it is a table of numbers: no words are in its first column."),
        (b"2 5\ncat 1 2\ndog 3 4\n", "its first line says that vectors have the length 5; those below have 2."),
        (b"\xba\x16O/\x0c\x00\x00\x00binary", "it is not text in UTF-8 with a word in each line. Choose the text file of the vectors"),
        ("cat 1 2\n".encode("utf-16"), "it is not text in UTF-8 with a word in each line."),
        ("кот 1 2\nпёс 3 4\n".encode("cp1251"), "lines that cannot be read: 2 of 2; lines with words that are not UTF-8: 2"),
        (b"9" * 5_000 + b" 2\ncat 1 2\n", "these are no word vectors; its first line is: 999"),
        (b"\n" + b"name,age\nAnn,3\n", "these are no word vectors; its first line is: name,age"),
        (b"cat" + b" 1" * 10_001, "its vectors are longer than 10,000. Choose a file of word vectors."),
        (b"x" * (6 * 2**20), "it is not text in UTF-8 with a word in each line."),
    ],
    ids=["empty", "blank", "header alone", "csv", "tsv", "frequencies", "prose", "numbers", "other length",
         "binary", "utf-16", "cp1251", "many digits", "blank first", "wide", "one line"],
)  # fmt: skip
def test_what_is_no_file_of_word_vectors_is_refused_in_words(settings, data, said):
    assert refusal(settings, data).startswith(said)


def test_a_file_with_too_many_bad_lines_is_refused(settings):
    said = refusal(settings, many(*[b"bad 1"] * 6))

    assert said.startswith(
        "lines that cannot be read: 6 of 106; lines that are not a word with a vector of length 2: 6, the first is line 51"
    )


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst", ".zip"])
def test_a_packed_file_that_is_cut_off_is_refused(settings, ending):
    data = PACKED[ending](b"".join(b"w%d %d 2\n" % (n, n) for n in range(2_000)))

    assert refusal(settings, data[: len(data) // 2], f"glove.txt{ending}")


def test_a_zip_without_texts_and_one_with_a_password_are_refused(settings):
    assert refusal(settings, zipped(b"x", "a.csv"), "a.zip").startswith("the zip holds no .txt or .vec file.")
    locked = bytearray(zipped(GLOVE))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(sign) + place] |= 1
    assert "password" in refusal(settings, bytes(locked), "a.zip")


def test_a_zip_of_many_texts_is_a_dataset_and_no_vectors(settings):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for number in range(101):
            archive.writestr(f"{number}.txt", "cat 1 2")
    assert refusal(settings, sink.getvalue(), "a.zip").startswith("it holds more than 100 texts.")


def test_a_file_is_read_in_blocks(tmp_path, settings, monkeypatch):
    monkeypatch.setattr("dlcore.datasets.vectors.text_file.BLOCK", 1_000)
    lines = [f"word{number} 1 2".encode() for number in range(2_000)]
    (tmp_path / "x.txt.gz").write_bytes(gzip.compress(b"\n".join(lines)))

    blocks = [block for block, _done, _size in TextFile("x.txt.gz", tmp_path / "x.txt.gz").lines(settings)]

    assert [line for block in blocks for line in block] == lines
    assert max(sum(map(len, block)) for block in blocks) < 1_020


def test_what_unpacks_to_more_than_allowed_is_refused(tmp_path):
    small = Settings(home=tmp_path / "home", max_dataset_bytes=1_000)

    said = refusal(small, gzip.compress(b"cat 1 2\n" * 1_000), "a.txt.gz")

    assert said == (
        "it unpacks to more than 0 MB. Use fewer words, or ask the administrator to raise DLCORE_MAX_DATASET_BYTES."
    )


# What is kept.


def test_vectors_are_found_listed_and_removed_by_name(settings):
    stored = kept(settings, GLOVE)

    assert stored.name == "glove-6b-3d"
    assert open_vectors("glove-6b-3d", settings.vectors_dir) == stored
    assert all_vectors(settings.vectors_dir) == [stored]
    assert stored.to_dict()["words"] == 3

    remove_vectors(stored.name, settings.vectors_dir)

    assert list(settings.vectors_dir.iterdir()) == []
    with pytest.raises(SpecError, match=r"there are no word vectors 'glove-6b-3d'\. Stored: –\. Add a file"):
        open_vectors("glove-6b-3d", settings.vectors_dir)


def test_the_same_file_is_kept_once_and_another_one_needs_another_name(settings):
    first = kept(settings, GLOVE)

    assert kept(settings, GLOVE) == first
    with pytest.raises(DatasetError, match="word vectors called 'glove-6b-3d' already exist"):
        kept(settings, GLOVE + b"dog 1 2 3\n")
    assert kept(settings, GLOVE + b"dog 1 2 3\n", name="more").about.words == 4


@pytest.mark.parametrize("name", ["../up", "Big", "con", "-x"])
def test_a_name_that_no_folder_should_have_is_refused(settings, name):
    assert "cannot be called" in refusal(settings, GLOVE, name=name)


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("manifest.json", b"{"),
        ("manifest.json", b'{"format": 9}'),
        ("vectors.bin", b"\0" * 36),
        ("words.txt", b""),
    ],
)
def test_damage_is_said_and_spares_the_others(settings, file, data):
    damaged, other = kept(settings, GLOVE, name="a"), kept(settings, GLOVE, name="b")
    (damaged.folder / file).write_bytes(data)

    (error,) = vectors_damage(settings.vectors_dir, whole=True)
    assert str(error).startswith(f"a: these stored word vectors are damaged: {file}")
    assert vectors_names(settings.vectors_dir) == ("a", "b")
    with pytest.raises(DatasetError, match="damaged"):
        open_vectors("a", settings.vectors_dir).find({"cat": 2}, lowered=False)
    assert other in all_vectors(settings.vectors_dir)


# What is found.


def test_a_vocabulary_finds_its_words(settings):
    stored = kept(settings, b"cat 1 2\nParis 3 4\nPARIS 5 6\nparis 7 8\nRome 9 10\nROME 11 12\n")

    found = stored.find({"cat": 2, "paris": 5, "rome": 3, "oslo": 4}, lowered=True)
    assert found.ids.tolist() == [2, 3, 5]
    assert found.values.tolist() == [[1, 2], [9, 10], [7, 8]]
    assert (found.sought, found.share) == (4, 0.75)

    exact = stored.find({"cat": 2, "paris": 5, "rome": 3, "oslo": 4}, lowered=False)
    assert exact.ids.tolist() == [2, 5]


def test_a_vocabulary_without_a_word_of_the_file_finds_nothing(settings):
    found = kept(settings, GLOVE).find({"猫": 2}, lowered=True)

    assert found.values.shape == (0, 3)
    assert found.share == 0


# Files at random.

parts = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters=" \t\n\r\0\ufeff"), min_size=1, max_size=6
)
numbers = st.floats(-1e6, 1e6, width=32)


def says_number(text):
    try:
        float(text.encode())
    except ValueError:
        return False
    return True


@st.composite
def files(draw):
    """What a file holds, and how it is written."""
    dimension = draw(st.integers(2, 5))
    words = draw(st.lists(st.lists(parts, min_size=1, max_size=3), min_size=1, max_size=12))
    words = [one if not says_number(one[-1]) else [f"w{one[-1]}"] for one in words]
    rows = [draw(st.lists(numbers, min_size=dimension, max_size=dimension)) for _ in words]
    return (
        [" ".join(one) for one in words],
        rows,
        draw(st.booleans()),
        draw(st.sampled_from([(" ", "\n"), ("\t", "\n"), (" ", "\r\n"), (" ", " \n"), ("  ", "\n")])),
    )


@given(files(), st.sampled_from(sorted(PACKED)))
def test_whatever_is_written_is_read(tmp_path_factory, file, ending):
    words, rows, with_header, (between, end) = file
    assume(2 * sum(map(says_number, (word.split(" ")[0] for word in words))) <= len(words))
    lines = [between.join([word, *map(repr, row)]) for word, row in zip(words, rows, strict=True)]
    header = [f"{len(words)} {len(rows[0])}"] if with_header else []
    data = "".join(line + end for line in [*header, *lines]).encode()
    settings = Settings(home=tmp_path_factory.mktemp("v") / "home")

    stored = kept(settings, PACKED[ending](data), f"x.txt{ending}")

    assert content(stored) == list(zip(words, rows, strict=True))
    repeated = len(words) - len(set(words))
    assert [note.params["count"] for note in stored.notes] == ([str(repeated)] if repeated else [])


NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
pieces = st.sampled_from(
    ["1", "-2.5", "1e3", "x", "1.5-2", "-", ".", "", "1\x0b2", "\x0b", "nan", "inf", "1e99", "3,5"]
)


@given(st.lists(st.lists(pieces, min_size=1, max_size=5), min_size=1, max_size=6))
def test_no_line_lends_another_its_numbers(drawn):
    """However lines are broken, each that is read has its own numbers, and no other is read."""
    lines = [" ".join([f"w{number}", *one]) for number, one in enumerate(drawn)]
    expected = {}
    for line in lines:
        fields = [field for field in line.split(" ") if field]
        word, row = fields[:-3], fields[-3:]
        if not word or not all(map(NUMBER.fullmatch, row)) or "1e99" in row:
            continue
        if len(word) == 1 or not says_number(word[-1]):
            expected[" ".join(word)] = [float(field) for field in row]

    reader = LineReader(Head(3))
    words, values = reader.read([line.encode() for line in lines], 1)

    assert dict(zip(words, values.tolist(), strict=True)) == expected
    assert len(words) + sum(count for count, _first in reader.flaws.values()) == len(lines)


@given(st.binary(max_size=60) | st.text("ab 1.\n\t-e,", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_in_a_sentence(tmp_path_factory, data):
    settings = Settings(home=tmp_path_factory.mktemp("v") / "home")
    try:
        stored = kept(settings, data)
    except DlcoreError as error:
        assert error.message.hint
    else:
        assert stored.about.words == len(content(stored))


def test_the_first_lines_say_how_long_vectors_are():
    assert read_head([b"the 1 2", b". . 3 4", b"bad 1"]) == Head(2)
    assert read_head([b"1000 300", b"the" + b" 1" * 300]) == Head(300, 1000)
    assert read_head([b"12 1 2", b"the 3 4"]) == Head(2)
