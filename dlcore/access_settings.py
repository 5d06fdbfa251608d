"""The settings of who may sign in to a dashboard for strangers or a team, how often who may do what, and what is noted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

from dlcore.budgets import FREE, read_budget

_RATE = r"[1-9]\d{0,8}/(second|minute|hour|day)"
Rate = Annotated[str, Field(pattern=rf"^({_RATE}(; {_RATE})*)?$")]
"""Some limits such as `20/minute; 200/hour`, or none."""
SEPARATORS = {"admin_groups": ",", "member_groups": ","}
"""What stands between the values of a setting that has several."""


class AccessSettings(BaseSettings):
    """They have no effect in the mode `local`; see `Settings`, which has them, too."""

    public_url: str = Field(
        default="",
        description="The address under which browsers find the dashboard, such as `https://dl.example.com`; signing in needs it.",
    )
    oidc_url: str = Field(
        default="",
        description="Where the provider at which members sign in (OpenID Connect) says how, an address that ends in "
        "`/.well-known/openid-configuration`; empty: nobody can sign in.",
    )
    oidc_client: str = Field(default="", description="What the provider calls this dashboard: its client id.")
    oidc_secret: SecretStr = Field(
        default=SecretStr(""), description="The secret that the provider has given it."
    )
    role_claim: str = Field(
        default="groups",
        description="Where the provider says which groups or roles somebody has; dots lead into it: `realm_access.roles`.",
    )
    admin_groups: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Groups whose members are admins, separated by commas; empty: none are."
    )
    member_groups: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Groups whose members may sign in, separated by commas; empty: everybody whom the provider knows.",
    )
    sign_in_hours: int = Field(
        default=12,
        ge=1,
        description="After how many hours members sign in again, which is also when a group that they lost counts no more.",
    )
    visitors_per_hour: int = Field(
        default=200,
        ge=1,
        description="How many new visitors a demo takes from one address in an hour; a school is one address.",
    )
    rate_launches: Rate = Field(
        default="20/minute; 200/hour",
        description="How many runs and searches a visitor or a member may start, such as `20/minute; 200/hour`; empty: any number. This setting, like all of its kind, has no effect in the mode `local` and for admins.",
    )
    rate_drafts: Rate = Field(
        default="20/minute; 200/hour",
        description="How many experiments one may begin.",
    )
    rate_uploads: Rate = Field(
        default="30/minute; 200/hour",
        description="How many uploads one may begin; the place for a file on a page counts as well.",
    )
    rate_predictions: Rate = Field(
        default="240/minute",
        description="How often one may try models on pages.",
    )
    rate_jobs: Rate = Field(
        default="120/minute; 1200/hour",
        description="How many jobs one may request: looks at files, exports, previews.",
    )
    rate_logins: Rate = Field(
        default="10/minute; 60/hour",
        description="How often one may try to sign in.",
    )
    rate_sessions: Rate = Field(
        default="60/minute; 1200/hour",
        description="How many pages one may open.",
    )
    rate_complaints: Rate = Field(
        default="20/minute; 100/day",
        description="How often one may report what others show.",
    )
    rate_network_factor: int = Field(
        default=20,
        ge=1,
        description="How many times as much all who come from one address may do together as one of them; a school is one "
        "address.",
    )
    sessions_per_address: int = Field(
        default=500, ge=1, description="How many pages may be open at once from one address."
    )
    audit_mb: int = Field(
        default=10,
        ge=1,
        description="Size of a file of the audit log, which says who did what, in MB; there is none in the mode `local`.",
    )
    audit_files: int = Field(
        default=10, ge=2, description="How many files of the audit log are kept, the newest ones."
    )

    member_share: float = Field(
        default=4.0,
        ge=1.0,
        description="How many turns in the queue a member gets for one of a visitor's; 1: no difference. Nobody's first run "
        "waits for another one's second.",
    )
    visitor_limits: str = Field(
        default="",
        description="What differs for a visitor of a demo from the usual limits, such as `minutes=60,epochs=100,disk_mb=none`; "
        "they are listed below.",
    )
    member_limits: str = Field(
        default="", description="What differs for a member from the usual limits; see `visitor_limits`."
    )
    visitor_days: int = Field(
        default=14,
        ge=1,
        le=30,
        description="How many days after their last visit all that a visitor of a demo has made is removed.",
    )

    blocklist: Path | None = Field(
        default=None,
        description="A file of words that nothing that others are shown may hold, one a line; empty: any may.",
    )
    content_filter: str = Field(
        default="",
        pattern=r"^(\w+(\.\w+)*:\w+)?$",
        description="A filter of your own in the place of that of words, a function of Python as `module:function`; empty: the "
        "file of words, if there is one.",
    )
    filter_uploads: bool = Field(
        default=False,
        description="Whether the filter looks at texts and files of datasets, too, before they are stored.",
    )

    @field_validator("admin_groups", "member_groups", mode="before")
    @classmethod
    def _groups(cls, value: Any) -> Any:
        return split_names(value)

    @field_validator("visitor_limits", "member_limits")
    @classmethod
    def _check_limits(cls, text: str) -> str:
        read_budget(text, FREE)
        return text

    @field_validator("public_url", "oidc_url")
    @classmethod
    def _check_urls(cls, url: str) -> str:
        return check_address(url)


def split_names(value: Any) -> Any:
    """Returns the names in a text that separates them by commas; anything else as it is."""
    if not isinstance(value, str):
        return value
    return tuple(name for one in value.split(",") if (name := one.strip()))


def check_address(url: str) -> str:
    """Returns an address of the web, or none.

    Raises:
        ValueError: it is neither.
    """
    if url and not re.match(r"https?://[^\s/]+", url):
        raise ValueError("expected an address that begins with https:// or http://")
    return url
