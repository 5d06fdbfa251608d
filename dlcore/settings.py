"""Every setting: its name, default, help and environment variable (`DLCORE_` + the name)."""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import psutil
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from dlcore.access_settings import SEPARATORS, AccessSettings, check_address, split_names
from dlcore.errors import N_, SettingsError

_HOST = re.compile(r"\*|(\*\.)?[\w-]+(\.[\w-]+)*\.?")
"""A host name, one with all names under it, or any."""
LEAST_KEY = 32
"""Characters of a key that nobody guesses."""
_SEPARATORS = {"allowed_hosts": ",", "data_roots": os.pathsep, **SEPARATORS}
"""What stands between the values of a setting that has several."""


class Mode(StrEnum):
    """Whom the dashboard serves."""

    LOCAL = "local"
    DEMO = "demo"
    TEAM = "team"


def can_fork() -> bool:
    """Returns whether this system has a forkserver."""
    return "forkserver" in multiprocessing.get_all_start_methods()


class Settings(AccessSettings):
    """What a user or an administrator can set. Passed as an argument, never read from a global.

    Example:
        >>> Settings(home="/tmp/x").store_url
        'sqlite:////tmp/x/store.sqlite'
    """

    model_config = SettingsConfigDict(env_prefix="DLCORE_", frozen=True, extra="ignore")

    home: Path = Field(
        default=Path.home() / ".dlcore",
        description="The folder of everything a person owns: the store, runs, prepared data.",
    )
    database_url: str = Field(
        default="", description="SQLAlchemy URL of the store; empty: one SQLite file in the home folder."
    )
    optuna_url: str = Field(
        default="",
        description="SQLAlchemy URL of Optuna's storage; empty: the SQLite file optuna.sqlite in the home folder.",
    )
    keras_home: Path = Field(
        default=Path.home() / ".keras",
        validation_alias="KERAS_HOME",
        description="Where Keras keeps downloaded datasets and weights.",
    )
    mode: Mode = Field(
        default=Mode.LOCAL,
        description="Whom the dashboard serves: `local`, one person, to whom everything in the home folder is open; `demo`, "
        "strangers without a login, each of whom has what they made, and a cookie that says who they are, and members who sign in; "
        "`team`, members alone.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="What cookies of a demo are signed with, at least 32 characters, the same for all processes; empty: a key "
        "that is made once and kept as `secret.key` in the home folder.",
    )
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        description="What whoever asks for `/metrics` must send as a bearer token, at least 32 characters; empty: the numbers are "
        "told to this machine alone, and in a demo to nobody.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="How lines of logs are written: `text`, or `json` for programs."
    )
    least_free_mb: int = Field(
        default=500,
        ge=0,
        description="With less room than this on the disk no new work is taken, no run begins, and `/readyz` says so, in MB.",
    )
    owner: str = Field(default="local", description="Whom new runs and drafts belong to.")
    slots: int = Field(
        default=0, ge=0, description="Runs at the same time; 0: one for each GPU, or one on the CPU."
    )
    executor: Literal["auto", "forkserver", "spawn"] = Field(
        default="auto",
        description="How processes of runs and jobs are started: `forkserver` forks them from one that has "
        "imported Keras, `spawn` keeps a new one waiting; `auto`: the first, where the system can fork.",
    )
    poll_seconds: float = Field(
        default=0.1, gt=0, description="How often the supervisor looks for work, in seconds."
    )
    heartbeat_seconds: float = Field(
        default=1.0, gt=0, description="How often a run and a supervisor say that they are alive, in seconds."
    )
    lost_seconds: float = Field(
        default=15.0,
        gt=0,
        description="Silence after which a run counts as lost and is queued again, in seconds.",
    )
    max_attempts: int = Field(
        default=25,
        ge=1,
        description="How often a run that is lost again and again is started before it fails.",
    )
    resident_mb: int = Field(
        default=1024,
        ge=0,
        description="Prepared data up to this size is held in memory while training; larger is read "
        "from the disk batch by batch, in MB.",
    )
    prepared_mb: int = Field(
        default=20_000,
        ge=0,
        description="Prepared data beyond this is taken away, what was not used for longest first, and "
        "made again when it is needed, in MB.",
    )
    max_upload_mb: int = Field(
        default=4_000, ge=1, description="The largest file that the dashboard takes, in MB."
    )
    start_worker: bool = Field(
        default=True, description="Whether the dashboard starts a supervisor when none is alive."
    )
    stop_worker: bool = Field(
        default=False, description="Whether the supervisor ends with the dashboard, as in a container."
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Names under which the dashboard answers besides the machine's own, separated by commas: "
        "`dl.example.com`, or `*.example.com` for all under it; `*` means any name and turns off the guard "
        "against DNS rebinding. IP addresses and `localhost` always work.",
    )
    webhook_url: str = Field(
        default="",
        description="Where alerts of runs and searches are posted as JSON, such as an incoming webhook of Slack; empty: nowhere.",
    )
    data_roots: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(),
        description="Folders of this machine whose data pages may take in, separated by ':' (on Windows ';'); empty: none.",
    )
    max_dataset_bytes: int = Field(
        default=50 * 2**30, gt=0, description="The largest dataset that is taken in, unpacked, in bytes."
    )
    max_file_bytes: int = Field(
        default=256 * 2**20, gt=0, description="The largest image, recording or text of a dataset, in bytes."
    )
    max_members: int = Field(default=2_000_000, gt=0, description="The most files of one dataset.")
    max_ratio: int = Field(
        default=100, gt=1, description="How many times its size an archive may unpack to (beyond 64 MiB)."
    )
    max_pixels: int = Field(default=50_000_000, gt=0, description="The most pixels of an image.")
    max_audio_seconds: float = Field(default=3600.0, gt=0, description="The longest recording, in seconds.")
    max_table_bytes: int = Field(default=4 * 2**30, gt=0, description="The largest table, in bytes.")
    max_columns: int = Field(default=5_000, gt=0, description="The most columns of a table.")
    max_cell_chars: int = Field(
        default=1_000_000, gt=0, description="The longest text in one cell of a table, in characters."
    )

    job_memory_mb: int = Field(
        default=0,
        ge=0,
        description="Memory that a process may use which reads somebody's file; 0: half of the machine's, in MB.",
    )
    job_seconds: int = Field(
        default=600, ge=1, description="How long a look at a file, a check or a preview may take, in seconds."
    )
    long_job_seconds: int = Field(
        default=6 * 3600, ge=1, description="How long storing a dataset may take, in seconds."
    )
    predictor_mb: int = Field(
        default=0,
        ge=0,
        description="Memory that the models which are tried on pages may use together, beyond TensorFlow itself; "
        "0: a quarter of the machine's, in MB.",
    )
    confined_memory_mb: int = Field(
        default=0,
        ge=0,
        description="Memory that a run or a job of a stranger may use, beyond the program itself; 0: half of the machine's, "
        "in MB.",
    )
    confined_seconds: int = Field(
        default=6 * 3600,
        ge=1,
        description="Processor time that one run of a stranger may use, over all its threads, in seconds.",
    )
    confined_disk_mb: int = Field(
        default=8_000,
        ge=1,
        description="Room on the disk that one run or job of a stranger may take with what it writes and prepares, in MB.",
    )
    allow_unconfined: bool = Field(
        default=False,
        description="Whether a demo also works where the machine cannot confine what strangers run; `python -m dlcore "
        "doctor` says what it lacks.",
    )
    lessons: Path | None = Field(
        default=None,
        description="A folder of further lessons, which a teacher writes (see `lessons.md`); empty: only those that come along.",
    )
    browser_files: Path | None = Field(
        default=None,
        description="The folder of what runs models in visitors' browsers; empty: one in the Python environment.",
    )

    @field_validator("secret_key", "metrics_token")
    @classmethod
    def _check_key(cls, value: SecretStr) -> SecretStr:
        length = len(value.get_secret_value())
        if 0 < length < LEAST_KEY:
            raise ValueError(f"expected at least {LEAST_KEY} characters, got {length}")
        return value

    @field_validator("executor")
    @classmethod
    def _check_executor(cls, value: str) -> str:
        if value == "forkserver" and not can_fork():
            raise ValueError("expected auto or spawn, for this system cannot fork, got forkserver")
        return value

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        return split_names(value)

    @field_validator("allowed_hosts")
    @classmethod
    def _check_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not _HOST.fullmatch(name):
                raise ValueError(
                    f"expected names like dl.example.com, without https:// or port, got {name!r}"
                )
        return names

    @field_validator("webhook_url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        return check_address(url)

    @field_validator("data_roots", mode="before")
    @classmethod
    def _paths(cls, value: Any) -> Any:
        return (
            tuple(filter(None, value.split(_SEPARATORS["data_roots"]))) if isinstance(value, str) else value
        )

    @classmethod
    def from_environment(cls) -> Settings:
        """Returns the settings of this process's environment.

        Raises:
            SettingsError: a variable holds a value that its setting does not accept.
        """
        try:
            return cls()
        except ValidationError as error:
            first = error.errors()[0]
            raise SettingsError(
                N_("this setting cannot be used: {problem}."),
                hint=N_("Correct the environment variable."),
                where="DLCORE_" + ".".join(map(str, first["loc"])).upper(),
                problem=first["msg"],
            ) from error

    def environment(self) -> dict[str, str]:
        """Returns the variables that give another process the same settings, wherever it starts.

        What is secret is emptied: what works in the background needs none of it, and runs what strangers have made.
        """
        variables = {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if value is None:  # by default, which has no text of its own
                continue
            text = _SEPARATORS[name].join(map(str, value)) if name in _SEPARATORS else str(value)
            if isinstance(value, SecretStr):
                text = ""
            variables[str(field.validation_alias or f"DLCORE_{name.upper()}")] = text
        return {**variables, "DLCORE_HOME": str(self.home_dir)}

    def with_home(self, home: Path) -> Settings:
        """Returns the same settings for another home folder."""
        moved = self.model_copy(update={"home": home})
        for name in ("home_dir", "store_url"):  # a copy takes over what was cached
            moved.__dict__.pop(name, None)
        return moved

    @cached_property
    def home_dir(self) -> Path:
        """The home folder as an absolute path."""
        return self.home.expanduser().resolve()

    def make_home(self) -> None:
        """Makes the home folder if it is not there, open to its owner alone.

        The store and the datasets in it are as private as a mailbox; a folder that is there already
        keeps the permissions that someone gave it.

        Raises:
            OSError: it cannot be made.
        """
        self.home_dir.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def has_sign_in(self) -> bool:
        """Whether members can sign in."""
        return self.mode is not Mode.LOCAL and bool(self.oidc_url)

    @property
    def most_predictor_mb(self) -> int:
        """Memory that the models which are tried on pages may use together, in MB."""
        return self.predictor_mb or psutil.virtual_memory().total // 4 // 2**20

    @property
    def most_confined_mb(self) -> int:
        """Memory that a run or a job of a stranger may use, in MB."""
        return self.confined_memory_mb or psutil.virtual_memory().total // 2 // 2**20

    @property
    def browser_dir(self) -> Path:
        """The folder of what runs models in visitors' browsers, which all home folders share."""
        return self.browser_files or Path(sys.prefix) / "share" / "dlcore"

    @cached_property
    def store_url(self) -> str:
        """The SQLAlchemy URL of the store."""
        return self.database_url or f"sqlite:///{self.home_dir / 'store.sqlite'}"

    @property
    def optuna_storage_url(self) -> str:
        """The SQLAlchemy URL of Optuna's storage of studies."""
        return self.optuna_url or f"sqlite:///{self.home_dir / 'optuna.sqlite'}"

    @property
    def runs_dir(self) -> Path:
        """The folder of the runs' artifacts, one folder per run."""
        return self.home_dir / "runs"

    @property
    def models_dir(self) -> Path:
        """The folder of uploaded models, one folder per model."""
        return self.home_dir / "models"

    @property
    def vectors_dir(self) -> Path:
        """The folder of word vectors, one folder per name."""
        return self.home_dir / "vectors"

    @property
    def jobs_dir(self) -> Path:
        """The folder of what pages have asked for, one folder per job."""
        return self.home_dir / "jobs"

    @property
    def confined_dir(self) -> Path:
        """The folder of what processes of strangers work with, one folder per owner."""
        return self.home_dir / "confined"

    @property
    def prepared_dir(self) -> Path:
        """The folder of data prepared once and shared by all runs."""
        return self.home_dir / "prepared"

    @property
    def baselines_dir(self) -> Path:
        """The folder of what runs are compared with, one small file for each division of each dataset."""
        return self.home_dir / "baselines"

    @property
    def stored_dir(self) -> Path:
        """The folder of stored datasets: one folder per name, and in it one per version."""
        return self.home_dir / "datasets"

    @property
    def weights_dir(self) -> Path:
        """Where the weights of backbones lie, in Keras' own layout."""
        return self.keras_home.expanduser().resolve() / "models"

    @property
    def datasets_dir(self) -> Path:
        """Where the built-in datasets' files lie, in Keras' own layout."""
        return self.keras_home.expanduser().resolve() / "datasets"
