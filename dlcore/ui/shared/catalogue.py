"""Every text that a page can show, and the catalogue kept in step: `python -m dlcore.ui.shared.catalogue`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

import dlcore.spec.blocks  # noqa: F401 - its fields have labels, too
from dlcore.languages import LANGUAGES, LOCALE_DIR
from dlcore.search.spec import SearchOptions
from dlcore.spec import ExperimentSpec, TrainingSpec
from dlcore.spec.adversarial import AdversarialTraining
from dlcore.spec.base import Registry, SpecModel
from dlcore.spec.data import ColumnRole, ColumnType, DataKind, Task
from dlcore.spec.describe import describe
from dlcore.spec.experiment import DatasetSpec
from dlcore.spec.fine_tuning import FineTuning
from dlcore.spec.training import EarlyStopping

ROOT = Path(__file__).resolve().parents[3]


def marked_texts(path: Path) -> Iterator[str | tuple[str, str]]:
    """Yields the texts marked in one file; of a text with a number both of its forms."""
    # Babel's own reader of Python misses the marks within f-strings before Python 3.12.
    for node in ast.walk(ast.parse(path.read_bytes(), path)):
        match node:
            case ast.Call(func=ast.Name(id="_" | "N_"), args=[ast.Constant(value=str(text))]):
                yield text
            case ast.Call(
                func=ast.Name(id="_n"), args=[ast.Constant(value=str(one)), ast.Constant(value=str(many)), _]
            ):
                yield one, many


def labels() -> Iterator[str]:
    """Yields the labels of all form fields; they are made from the fields' names."""
    parts: list[type[SpecModel]] = [
        ExperimentSpec,
        TrainingSpec,
        DatasetSpec,
        EarlyStopping,
        AdversarialTraining,
        FineTuning,
        SearchOptions,
    ]
    for registry in Registry.every():
        if registry.base.__module__.startswith("dlcore."):
            parts += list(registry)
    for part in parts:
        yield from (field.label for field in describe(part))


def texts() -> Catalog:
    """Returns all translatable texts, each with the places where it is written."""
    catalog = Catalog(project="DL Studio", fuzzy=False)
    for path in sorted([*ROOT.glob("dlcore/**/*.py"), *ROOT.glob("pages/*.py")]):
        for text in marked_texts(path):
            # Without line numbers: they would change the catalogue at every edit of the code.
            catalog.add(text, locations=[(path.relative_to(ROOT).as_posix(), 0)])
    for label in labels():
        catalog.add(label, locations=[("dlcore/spec", 0)])
    for words in (Task, DataKind, ColumnType, ColumnRole):
        for word in words:
            catalog.add(word.value, locations=[("dlcore/spec/data.py", 0)])
    return catalog


def update(language: str) -> Catalog:
    """Returns the catalogue of a language brought up to what the code says; written back to its file."""
    path = LOCALE_DIR / language / "LC_MESSAGES" / "dlcore.po"
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    created = catalog.creation_date
    catalog.update(texts(), no_fuzzy_matching=True)
    catalog.creation_date = created
    catalog.obsolete.clear()
    with path.open("wb") as file:
        # No dates and places: they change with every edit, and two branches would never agree.
        write_po(file, catalog, width=110, sort_output=True, no_location=True)
    return catalog


def main() -> None:
    """Updates every catalogue and says what is still missing."""
    for language in LANGUAGES:
        if language != "en":
            catalog = update(language)
            missing = [message.id for message in catalog if message.id and not any(message.string or ())]
            print(f"{language}: {len(catalog)} texts, {len(missing)} not translated")
            for text in missing:
                print(f"  {text}")


if __name__ == "__main__":
    main()
