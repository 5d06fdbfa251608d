"""`python -m dlcore lessons …`: the lessons there are, and what is wrong with a file of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from dlcore.cli.terminal import Json, plain_errors, print_rows, say
from dlcore.errors import SpecError
from dlcore.lessons.library import LessonFile, lesson_file, lesson_files
from dlcore.queue.lessons import check_lesson
from dlcore.settings import Settings

app = typer.Typer(help="Lessons: list and check.", invoke_without_command=True)


@app.callback()
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """Lists the lessons that the page Learn offers; also: lessons check."""
    if context.invoked_subcommand:
        return
    with plain_errors():
        found = [_summary(one) for one in lesson_files(Settings()).values()]
        if as_json:
            print(json.dumps(found, ensure_ascii=False))
            return
        rows = (
            (one["name"], one.get("title", ""), str(one.get("steps", "")), one.get("problem", "")) for one in found
        )  # fmt: skip
        print_rows(("lesson", "title", "steps", "problem"), rows)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The lesson, such as my-lesson.md.")],
    as_json: Json = False,
) -> None:
    """Says whether a lesson can be taken: its file, its translations beside it, and the experiment it starts from.

    What is wrong is named with its line and step; the exit status is then 2, or 1 where the data is missing.
    """
    with plain_errors():
        found = lesson_file(file)
        check_lesson(found, Settings())
        told = _summary(found)
        if as_json:
            print(json.dumps(told, ensure_ascii=False))
            return
        say(
            f"[bold]{escape(told['title'])}[/bold] can be taken; steps: {told['steps']}, with a check: {told['checks']}"
        )
        say(
            f"  starts from {escape(told['dataset'])}, {told['minutes']} minutes, in {', '.join(told['languages'])}"
        )
        say(f"  its address: /learn?lesson={told['name']}")


def _summary(file: LessonFile) -> dict[str, Any]:
    """Returns what a lesson is; of one that cannot be read what is wrong."""
    try:
        lesson = file.read("")
    except SpecError as error:
        return {"name": file.name, "file": str(file.path), "problem": str(error)}
    return {
        "name": file.name,
        "file": str(file.path),
        "title": lesson.title,
        "minutes": lesson.minutes,
        "dataset": lesson.start.dataset,
        "steps": len(lesson.steps),
        "checks": sum(step.check is not None for step in lesson.steps),
        "languages": sorted({lesson.language.value, *file.translations}),
    }
