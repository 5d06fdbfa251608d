"""Files that mean harm or are broken, from a seed: for the quick tests and for acceptance."""

import contextlib
import gzip
import io
import pickle
import sqlite3
import struct
import tarfile
import zipfile
import zlib
from functools import cache

import h5py
import numpy as np
import pandas as pd
import soundfile
from scipy.io import savemat

from .makers import png, wav

GOOD = {
    "a/1.png": png(np.arange(16).reshape(4, 4)),
    "b/2.png": png(np.arange(16, 32).reshape(4, 4)),
}
SHEET = "xl/worksheets/sheet1.xml"


def zip_of(files, method=zipfile.ZIP_STORED):
    """A zip of pairs of name (or ZipInfo) and content, of which several may have one name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


def tar_of(entries, mode="w"):
    """A tar of TarInfos with their content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for info, content in entries:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def link(name):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


def huge_png(width=100_000, height=100_000):
    """A header that promises far more than follows."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


def flac(samples):
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, 8000, format="FLAC")
    return buffer.getvalue()


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def npy(shape, data=b"", descr="<f4"):
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": descr, "fortran_order": False, "shape": shape})
    return buffer.getvalue() + data


def patched(archive, magic, offset, value):
    """A zip with some bytes of every header of one kind overwritten."""
    data, at = bytearray(archive), 0
    while (at := data.find(magic, at)) >= 0:
        data[at + offset : at + offset + len(value)] = value
        at += 4
    return bytes(data)


class Runs:
    """Unpickling it calls something."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('a pickle was opened')",))


def with_good(entries):
    return zip_of([*GOOD.items(), *entries])


def tar_with_good(info):
    return tar_of([*((tarfile.TarInfo(name), data) for name, data in GOOD.items()), (info, b"")])


def bad_entries():
    """By case: an archive of two good images and one bad entry, and that entry's name."""
    fine = GOOD["a/1.png"]
    locked = with_good([("a/locked.png", fine)])
    central = locked.rfind(b"PK\1\2")
    locked = locked[: central + 8] + b"\1\0" + locked[central + 10 :]
    named = {
        "traversal": "../../a/evil.png",
        "inner traversal": "a/../../evil.png",
        "absolute": "/a/evil.png",
        "backslashes": "..\\a\\evil.png",
        "drive": "C:/a/evil.png",
    }
    contents = {
        "html as jpg": ("a/x.jpg", b"<html><script>alert(1)</script></html>"),
        "truncated image": ("a/x.png", fine[:40]),
        "huge header": ("a/x.png", huge_png()),
        "empty": ("a/x.png", b""),
        "sound as image": ("a/x.png", wav(np.zeros(100))),
        "nested": ("a/inner.zip", zip_of(GOOD.items())),
        "nested tar": ("a/inner.tar.gz", tar_of([], "w:gz")),
        "pickle": ("a/x.png", pickle.dumps(Runs())),
    }
    tars = {
        "symbolic link": special("a/x.png", tarfile.SYMTYPE, "/etc/passwd"),
        "hard link": special("a/x.png", tarfile.LNKTYPE, "a/1.png"),
        "device": special("a/x.png", tarfile.CHRTYPE),
        "pipe": special("a/x.png", tarfile.FIFOTYPE),
        "tar traversal": tarfile.TarInfo("../a/x.png"),
    }
    return {
        **{case: (with_good([(name, fine)]), name) for case, name in named.items()},
        **{case: (with_good([(name, data)]), name) for case, (name, data) in contents.items()},
        **{case: (tar_with_good(info), info.name) for case, info in tars.items()},
        "zip link": (with_good([(link("a/x.png"), b"/etc/passwd")]), "a/x.png"),
        "encrypted": (locked, "a/locked.png"),
    }


def bad_wholes():
    """By a file's name, what makes its content, of which nothing can be used."""
    x, y = np.zeros((4, 2), np.float32), np.array([0, 1, 0, 1])
    objects = np.array([Runs(), Runs(), Runs(), Runs()], dtype=object)
    doubled = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 9}">' for i in range(1, 30))
    bomb = f'<!DOCTYPE z [<!ENTITY e0 "aaaaaaaaaa">{doubled}]>'
    laughs = '<row><c t="inlineStr"><is><t>&e29;</t></is></c></row>'
    return {
        "bomb.zip": lambda: zip_of([("a/1.png", zeros())], zipfile.ZIP_DEFLATED),
        "bomb.tar.gz": lambda: tar_of([(tarfile.TarInfo("a/1.png"), zeros())], "w:gz"),
        "count.zip": lambda: zip_of([(f"a/{i}.png", b"") for i in range(300)]),
        "overlap.zip": overlapping,
        "lies.zip": lambda: patched(zip_of(GOOD.items()), b"PK\1\2", 24, struct.pack("<I", 50)),
        "big.npz": lambda: zip_of([("x.npy", zeros()), ("y.npy", zeros())], zipfile.ZIP_DEFLATED),
        "objects.npz": lambda: npz(x=x, y=objects),
        "header.npz": lambda: zip_of([("x.npy", npy((2**40, 2))), ("y.npy", npy((2**40,)))]),
        "negative.npz": lambda: zip_of([("x.npy", npy((-1, 2))), ("y.npy", npy((-1,)))]),
        "short.npz": lambda: zip_of([("x.npy", npy((4, 2), b"\0" * 8)), ("y.npy", npy((4,), b"\0" * 16))]),
        "strings.npz": lambda: npz(x=x.astype(str), y=y),
        "nothing.npz": lambda: zip_of([("x.npy", b"no array"), ("y.npy", b"")]),
        "sound.zip": lambda: zip_of(
            [("a/1.wav", wav(np.zeros(99))[:30]), ("b/2.flac", flac(np.zeros(99))[:50]), ("b/3.wav", b"RIFF")]
        ),
        "null.csv": lambda: b"a,b\n1,\0\n",
        "empty.csv": lambda: b"",
        "field.csv": lambda: b"a,b\n1," + b"x" * 2_000_000 + b"\n",
        "wide.csv": lambda: b",".join(b"c%d" % i for i in range(20_000)) + b"\n",
        "bomb.xlsx": lambda: workbook(laughs, bomb),
        "bomb.parquet": many_rows,
        "corrupt.xlsx": lambda: b"PK\3\4" + b"\xff" * 200,
        "fake.parquet": lambda: b"PAR1" + b"\xff" * 100 + b"PAR1",
    }


def zeros():
    return bytes(80 * 2**20)


def overlapping():
    """An archive whose second entry begins where the first one does."""
    archive = with_good([])
    second = archive.rfind(b"PK\1\2")
    return archive[: second + 42] + struct.pack("<I", 0) + archive[second + 46 :]


def many_rows():
    """A small file of a large table."""
    buffer = io.BytesIO()
    pd.DataFrame({"n": np.zeros(10**7), "label": np.zeros(10**7)}).to_parquet(buffer)
    return buffer.getvalue()


def odd_tables():
    """By file's name: tables that look for trouble, and may be taken in as mere text."""
    rows = b"".join(b"%d,=cmd|'/c calc'!A%d,%d\n" % (i, i, i % 2) for i in range(12))
    page = "".join(f"{i},<script>alert({i})</script>,{'ab'[i % 2]}\n" for i in range(12))
    return {
        "formulas.csv": b"=1+1,@SUM(A1),y\n" + rows,
        "page.csv": ("<img src=x onerror=alert(1)>,\x1b[31m\u202etext,label\n" + page).encode(),
        "mixed.csv": b"a,b,y\n1,\xe9\xe8,0\n2,\xe4\xb8\xad,1\n3,\xff\xfe,0\n4,x,1\n",
        "ragged.csv": b"a,b,y\n1,2,0\n1\n1,2,3,4,5\n2,3,1\n4,5,0\n5,6,1\n",
        "quotes.csv": b'a,b,y\n1,"open,0\n2,x,1\n' * 4,
        "same.csv": b"a,a,a\n" + b"1,2,0\n2,3,1\n" * 6,
        "infinite.csv": b"a,b,y\n" + b"1e999,nan,0\n-1e999,9" + b"9" * 400 + b",1\n" * 6,
        "times.csv": b"time,y\n" + b"9999-99-99,1\n0000-00-00,2\n2024-01-01,3\n" * 6,
        "wide16.csv": "a,b,y\n1,2,0\n".encode("utf-16")[:-1],
    }


@cache
def seeds():
    """Files that are fine, by name: what is mutated."""
    frame = pd.DataFrame({"n": np.arange(12.0), "c": list("xyz") * 4, "label": ["p", "q"] * 6})
    parquet = io.BytesIO()
    frame.to_parquet(parquet)
    feather, stata = io.BytesIO(), io.BytesIO()
    frame.to_feather(feather)
    frame.to_stata(stata, write_index=False)
    sounds = [(f"{'ab'[i % 2]}/{i}.wav", wav(np.sin(np.arange(200) * (i + 1) / 9))) for i in range(4)]
    texts = [(f"{'ab'[i % 2]}/{i}.txt", f"a text of the number {i}".encode()) for i in range(4)]
    rng = np.random.default_rng(0)
    tones = [(f"{'ab'[i % 2]}/{i}.flac", flac(rng.uniform(-0.5, 0.5, 200))) for i in range(4)]
    return {
        "images.zip": zip_of(GOOD.items()),
        "packed.zip": zip_of(GOOD.items(), zipfile.ZIP_DEFLATED),
        "images.tar": tar_of([(tarfile.TarInfo(name), data) for name, data in GOOD.items()]),
        "images.tar.gz": tar_of([(tarfile.TarInfo(name), data) for name, data in GOOD.items()], "w:gz"),
        "images.tar.xz": tar_of([(tarfile.TarInfo(name), data) for name, data in GOOD.items()], "w:xz"),
        "sounds.zip": zip_of(sounds),
        "tones.zip": zip_of(tones),
        "texts.zip": zip_of(texts),
        "table.csv": frame.to_csv(index=False).encode(),
        "ratings.csv": b"user,item,rating\n"
        + b"".join(b"u%d,i%d,%d\n" % (i % 4, i % 3, i % 5) for i in range(12)),
        "series.csv": b"date,value\n" + b"".join(b"2024-01-%02d,%d\n" % (i + 1, i) for i in range(20)),
        "table.parquet": parquet.getvalue(),
        "table.xlsx": workbook(),
        "table.csv.gz": gzip.compress(frame.to_csv(index=False).encode()),
        "table.jsonl": frame.to_json(orient="records", lines=True).encode(),
        "table.json": frame.to_json(orient="records").encode(),
        "table.arff": b"@relation t\n@attribute n numeric\n@attribute y {a,b}\n@data\n"
        + b"1,a\n2,b\n?,a\n" * 4,
        "table.feather": feather.getvalue(),
        "table.dta": stata.getvalue(),
        "table.sqlite": database(frame),
        "arrays.npz": npz(x=np.zeros((6, 4, 4), np.uint8), y=np.arange(6) % 2),
        "arrays.mat": mat(
            x=np.arange(18.0).reshape(6, 3), y=np.arange(6) % 2, names=np.array(["a", "b"], object)
        ),
        "arrays.hdf5.mat": hdf5_mat(x=np.arange(18.0).reshape(6, 3), y=np.arange(6) % 2),
    }


def mat(**arrays):
    """The arrays as MATLAB 5 saves them, compressed."""
    buffer = io.BytesIO()
    savemat(buffer, arrays, do_compression=True)
    return buffer.getvalue()


def hdf5_mat(**arrays):
    """The arrays as MATLAB 7.3 saves them."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=512) as file:
        for name, array in arrays.items():
            file[name] = array.T
    return b"MATLAB 7.3 MAT-file".ljust(512) + buffer.getvalue()[512:]


def database(frame):
    """The rows as a table of SQLite."""
    with contextlib.closing(sqlite3.connect(":memory:")) as opened:
        frame.to_sql("t", opened, index=False)
        return opened.serialize()


def workbook(sheet="", before=""):
    """A small XLSX, written by hand; `sheet` may take the place of its rows, `before` stands first."""
    rows = [("n", "label"), *((str(i), "pq"[i % 2]) for i in range(12))]
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>"
        for row in rows
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    root = f'<Relationship Id="r0" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
    relation = f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
    book = '<sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets>'
    return zip_of(
        [
            ("_rels/.rels", f'<Relationships xmlns="{package}">{root}</Relationships>'),
            ("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{office}">{book}</workbook>'),
            ("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}">{relation}</Relationships>'),
            (SHEET, f'{before}<worksheet xmlns="{main}"><sheetData>{sheet or cells}</sheetData></worksheet>'),
        ]
    )


def mutated(data, other, rng):
    """`data` with bits flipped, cut off, spliced with `other`, repeated or overwritten."""
    changed = bytearray(data)
    size = max(1, len(changed))
    at, end = sorted(int(place) for place in rng.integers(0, size, 2))
    match int(rng.integers(5)):
        case 0:
            for place in rng.integers(0, size, int(rng.integers(1, 9))):
                changed[place] ^= 1 << int(rng.integers(8))
        case 1:
            del changed[at:]
        case 2:
            changed[at:end] = other[: int(rng.integers(len(other) + 1))]
        case 3:
            changed[at:at] = changed[at:end]
        case _:
            changed[at : at + 8] = rng.choice([b"\xff" * 8, b"\0" * 8, b"\x7f\xff\xff\xff" * 2])
    return bytes(changed)


def within(name, rng):
    """A valid archive around a broken file, which mutating the archive would rarely reach."""
    fine = {"png": GOOD["a/1.png"], "wav": wav(np.zeros(200)), "flac": flac(np.zeros(200))}
    ending = str(rng.choice(list(fine)))
    broken = [(f"{'ab'[i % 2]}/{i}.{ending}", mutated(fine[ending], fine["wav"], rng)) for i in range(3)]
    return f"{name}.zip", zip_of([*broken, (f"b/fine.{ending}", fine[ending])])


def mutants(count, seed):
    """`count` broken files, as pairs of a file's name and its content."""
    rng = np.random.default_rng(seed)
    known = list(seeds().items())
    for number in range(count):
        if number % 4 == 3:
            yield within("inner", rng)
            continue
        name, data = known[int(rng.integers(len(known)))]
        other = known[int(rng.integers(len(known)))][1]
        yield name, mutated(data, other, rng)
