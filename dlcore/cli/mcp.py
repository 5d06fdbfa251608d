"""`python -m dlcore mcp`: runs, datasets and studies for coding agents, over the Model Context Protocol."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dlcore.cli.terminal import open_store, plain_errors
from dlcore.cli.tools import Reading, Writing
from dlcore.errors import N_, DlcoreError
from dlcore.version import __version__

if TYPE_CHECKING:
    from mcp.server import MCPServer

INSTRUCTIONS = """\
DL Studio trains deep-learning models in the background on this machine. The way: list_datasets, propose_experiment,
edit the YAML, check_experiment, train, then show_run until its state is completed; compare_runs tells whether a
difference is more than chance. An error says which field is wrong and what to do."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(mcp)


def mcp(
    write: Annotated[
        bool,
        typer.Option(
            "--write", help="Let agents also train, stop, resume, search, annotate and keep models."
        ),
    ] = False,
) -> None:
    """Serves runs, datasets and studies to coding agents (MCP, over standard input and output); only to read."""
    with plain_errors() as closing:
        _require_sdk()
        settings, store = open_store(closing)
        tools = (Writing if write else Reading)(store, settings)
        closing.callback(tools.close)
        serve(tools).run("stdio")


def _require_sdk() -> None:
    try:
        import mcp.server  # noqa: F401
    except ImportError as error:
        raise DlcoreError(
            N_("the package {package} is not installed."),
            hint=N_("Call: {command}"),
            package="mcp",
            command="pip install -r requirements-mcp.txt",
        ) from error


def serve(tools: Reading) -> MCPServer[Any]:
    """Returns a server that offers the public methods of a toolbox."""
    from mcp.server import MCPServer
    from mcp.types import ToolAnnotations

    server = MCPServer[Any]("dl-studio", title="DL Studio", version=__version__, instructions=INSTRUCTIONS)
    for name, call in inspect.getmembers(tools, inspect.ismethod):
        if not name.startswith("_") and name != "close":
            annotations = ToolAnnotations(read_only_hint=hasattr(Reading, name))
            server.add_tool(_in_a_thread(call), description=inspect.getdoc(call), annotations=annotations)
    return server


def _in_a_thread(call: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Returns a tool that holds up no other; what a person can fix becomes its error."""
    import anyio.to_thread
    from mcp.server.mcpserver.exceptions import ToolError

    @functools.wraps(call)
    async def tool(**arguments: Any) -> Any:
        try:
            return await anyio.to_thread.run_sync(functools.partial(call, **arguments))
        except DlcoreError as error:
            raise ToolError(str(error)) from error

    return tool
