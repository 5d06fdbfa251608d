"""What a provider of identities says of somebody who has signed in, and what that makes them here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dlcore.access.actors import Role
from dlcore.settings import Settings

LONGEST_NAME = 200


@dataclass(frozen=True)
class Identity:
    """Somebody as their provider knows them.

    Attributes:
        issuer: the provider.
        subject: who it is there, the same for ever.
        name: what they are called; for showing.
        email: where they are written to, if it says so; for showing.
    """

    issuer: str
    subject: str
    name: str
    email: str

    @property
    def member_id(self) -> str:
        """Whom what they make belongs to."""
        return hashlib.sha256(json.dumps([self.issuer, self.subject]).encode()).hexdigest()[:32]

    @classmethod
    def of(cls, claims: Mapping[str, Any]) -> Identity | None:
        """Returns whom some claims are about; None if they do not say it."""
        issuer, subject = claims.get("iss"), claims.get("sub")
        if not (isinstance(issuer, str) and isinstance(subject, str) and issuer and subject):
            return None
        email = claims.get("email")
        names = (claims.get("name"), claims.get("preferred_username"), email, subject)
        name = next(one.strip() for one in names if isinstance(one, str) and one.strip())
        return cls(
            issuer, subject, name[:LONGEST_NAME], email[:LONGEST_NAME] if isinstance(email, str) else ""
        )


def role_of(claims: Mapping[str, Any], settings: Settings) -> Role | None:
    """Returns what somebody with these claims is here; None if they are nobody.

    Example:
        >>> settings = Settings(role_claim="access.roles", admin_groups=("root",), member_groups=("lab",))
        >>> role_of({"access": {"roles": ["lab", "root"]}}, settings), role_of({"access": {"roles": "lab"}}, settings)
        (<Role.ADMIN: 'admin'>, <Role.MEMBER: 'member'>)
        >>> role_of({}, settings), role_of({}, Settings())
        (None, <Role.MEMBER: 'member'>)
    """
    groups = _groups(claims, settings.role_claim)
    if groups & set(settings.admin_groups):
        return Role.ADMIN
    return Role.MEMBER if not settings.member_groups or groups & set(settings.member_groups) else None


def _groups(claims: Mapping[str, Any], claim: str) -> set[str]:
    """Returns the groups in a claim: of that name, or else at the end of the path that its dots separate."""
    found: Any = claims
    if claim in claims:
        found = claims[claim]
    else:
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    listed = [found] if isinstance(found, str) else found
    return {one for one in listed if isinstance(one, str)} if isinstance(listed, list) else set()
