"""Who may come in and what they may do: people, projects, sessions, links and keys of one database."""

from __future__ import annotations

from evalgate.store.database import Database
from evalgate.store.people import Member, People, Project, Role, User
from evalgate.store.sessions import ApiKeys, KeyInfo, Link, Purpose, Scope, Sessions, SignedIn

__all__ = ["Access", "KeyInfo", "Link", "Member", "Project", "Purpose", "Role", "Scope", "SignedIn", "User"]


class Access(People, Sessions, ApiKeys):
    """All of it behind one name; callers write what they do into the audit."""

    def __init__(self, database: Database, pepper: bytes) -> None:
        """Take the store's secret as what keys are peppered with."""
        ApiKeys.__init__(self, database, pepper)
