"""Erasing somebody: all that they said goes; that it was erased is written down, who it was is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalgate.traffic.masked import user_key

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from evalgate.store.engine import Store
    from evalgate.store.forgetting import Erased

ACTION = "traffic.erased"
"""What the audit calls it."""


def erase_user(connection: Connection, store: Store, user: str, *, by: str) -> Erased:
    """Take away everything that somebody said in the store's project, with a line in the audit, in a transaction.

    user: as the sender names people.
    """
    key = user_key(user, store.names_key)
    erased = store.forgetting.user(connection, key, store.nonce_key)
    store.audit.add(connection, store.project, by, ACTION, key, **erased._asdict())
    return erased
