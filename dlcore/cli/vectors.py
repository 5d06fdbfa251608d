"""`python -m dlcore vectors …`: word vectors that an Embedding can start with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from dlcore.access.actors import machine_owner
from dlcore.cli.data import telling
from dlcore.cli.terminal import Json, err, open_store, plain_errors, print_rows, say
from dlcore.datasets.vectors.stored import StoredVectors, all_vectors, open_vectors, vectors_damage
from dlcore.processes.alone import run_alone
from dlcore.queue.vectors import remove_stored_vectors
from dlcore.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    help="Word vectors for Embedding layers: add, list and remove. Files are at "
    "https://nlp.stanford.edu/projects/glove and https://fasttext.cc/docs/en/crawl-vectors.html.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the word vectors.")]


@app.command()
def add(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="A .txt of GloVe or a .vec of fastText; also packed.")
    ],
    name: Annotated[str, typer.Option(help="Their name; by default from the file's name.")] = "",
    file: Annotated[str, typer.Option(help="Which file of a zip that holds several.")] = "",
    as_json: Json = False,
) -> None:
    """Stores word vectors; an Embedding of the words of a text starts with them by `vectors: NAME`."""
    with plain_errors():
        settings = Settings.from_environment()
        arguments = {
            "path": str(path), "origin": path.name, "name": name, "file": file, "owner": settings.owner,
        }  # fmt: skip
        with telling() as tell:
            result = run_alone(
                "vectors_storing", arguments, settings, lambda done, total, unit: tell("storing", done, total)
            )
        stored = open_vectors(result["name"], settings.vectors_dir)
        if as_json:
            print(json.dumps(stored.to_dict()))
        else:
            _show(stored)


def _show(stored: StoredVectors) -> None:
    about = stored.about
    say(f"[bold]{escape(stored.name)}[/bold]: {about.words:,} words, {about.dimension} numbers each")
    for note in stored.notes:
        say(f"  [yellow]note:[/yellow] {escape(note.text())}")


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """Lists the stored word vectors."""
    with plain_errors():
        settings = Settings.from_environment()
        found = all_vectors(settings.vectors_dir)
        for error in vectors_damage(settings.vectors_dir):
            err.print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        if as_json:
            print(json.dumps([one.to_dict() for one in found]))
            return
        print_rows(
            ("name", "words", "dimension", "MB", "from", "owner"),
            (
                (
                    one.name,
                    f"{one.about.words:,}",
                    one.about.dimension,
                    f"{one.size / 1e6:,.1f}",
                    one.about.origin,
                    one.about.owner,
                )
                for one in found
            ),
        )


@app.command()
def remove(name: Name) -> None:
    """Removes word vectors; runs that began with them keep what they took."""
    with plain_errors() as closing:
        settings, store = open_store(closing)
        remove_stored_vectors(store, name, actor=machine_owner(settings))
        say(f"{escape(name)} is removed")
