"""`python -m dlcore serve RUN`: a run's model as a service that answers JSON."""

from __future__ import annotations

import socket
from typing import Annotated

import typer
from rich.markup import escape

from dlcore.access.actors import machine_owner
from dlcore.cli.terminal import RunOrModel, open_store, plain_errors, say
from dlcore.errors import N_, DlcoreError
from dlcore.queue.predictor import PredictorProcess
from dlcore.queue.registry import find_run
from dlcore.records.registry import TryPlace, UseKind


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(serve)


def serve(
    run: RunOrModel,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")
    ] = 8600,
) -> None:
    """Answers for new samples over HTTP with a run's model: POST /predict, described in /openapi.json."""
    import uvicorn

    from dlcore.serving.app import Service

    with plain_errors() as closing:
        settings, store = open_store(closing)
        process = PredictorProcess(settings)
        closing.callback(process.close)
        listening = _listen(host, port)
        closing.callback(listening.close)
        found = find_run(store, run, actor=machine_owner(settings))
        service = Service(found, store, process, settings)
        say(f"loading {escape(found.name)} …")
        service.warm_up()
        store.registry.note_use(found.id, UseKind.TRY, TryPlace.SERVICE)
        address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
        say(
            f"{escape(found.name)} answers at {address}/predict, described in {address}/openapi.json; Ctrl-C ends it"
        )
        server = uvicorn.Server(uvicorn.Config(service.app(), log_level="warning"))
        server.run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """Returns a socket that listens, before anything is loaded.

    Raises:
        DlcoreError: the address is none of this machine, or the port is taken.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise DlcoreError(
            N_("cannot listen there: {reason}."),
            hint=N_("Choose another port, or an address of this machine."),
            where=f"{host}:{port}",
            reason=error.strerror or str(error),
        ) from error
