"""Who may come in and what they may do: people, projects, sessions, links and keys of one database."""

from __future__ import annotations

from evalgate.store.database import Database
from evalgate.store.keys import ApiKeys
from evalgate.store.people import People
from evalgate.store.sessions import Sessions
from evalgate.store.tables.access import KeyInfo, Link, Member, Project, Purpose, Role, Scope, SignedIn, User

__all__ = ["Access", "KeyInfo", "Link", "Member", "Project", "Purpose", "Role", "Scope", "SignedIn", "User"]


class Access(People, Sessions, ApiKeys):
    """All of it behind one name; who makes a change writes it into the audit, in the transaction of the change."""

    def __init__(self, database: Database, pepper: bytes) -> None:
        """Take the store's secret as what keys are peppered with."""
        ApiKeys.__init__(self, database, pepper)
