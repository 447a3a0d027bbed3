"""What every route works with: one open database, its settings, and what is counted and held back in this process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from evalgate.store.access import Access
from evalgate.store.audit import Audit
from evalgate.store.database import Clock
from evalgate.store.engine import Store
from evalgate.suites.suite import Suite
from evalgate.web.accepting import Intake
from evalgate.web.metrics import Metrics
from evalgate.web.oidc import Issuer
from evalgate.web.throttle import Throttle
from evalgate.wiring.server import Opened, ServerSettings


@dataclass(frozen=True)
class Throttles:
    """How often somebody may knock."""

    logins: Throttle = field(default_factory=lambda: Throttle(burst=10, every_s=30))
    """Tries at one login's password."""
    addresses: Throttle = field(default_factory=lambda: Throttle(burst=30, every_s=10))
    """Tries from one address, whatever the login or link."""
    callers: Throttle = field(default_factory=lambda: Throttle(burst=600, every_s=0.02))
    """Requests of one key or one person."""


@dataclass(frozen=True)
class Service:
    """One process's service; `store` is the default project, a caller's own is `store.within(project)`."""

    store: Store
    access: Access
    audit: Audit
    settings: ServerSettings
    clock: Clock
    metrics: Metrics = field(default_factory=Metrics)
    throttles: Throttles = field(default_factory=Throttles)
    issuer: Issuer | None = None
    """Who vouches for people beside us."""
    watched: Mapping[int, tuple[Suite, ...]] = field(default_factory=dict)
    """The suites that watch production, by project."""

    @cached_property
    def intake(self) -> Intake:
        """The way in for traffic."""
        return Intake(self.store, self.watched, self.metrics)


def service_of(
    opened: Opened, settings: ServerSettings, watched: Mapping[int, tuple[Suite, ...]] | None = None
) -> Service:
    """Return the service over an open database; raise ServiceBroke when its issuer's extra is not installed."""
    clock = opened.store.database.clock
    issuer = Issuer(settings.oidc, clock) if settings.oidc else None
    return Service(opened.store, opened.access, opened.audit, settings, clock, issuer=issuer, watched=watched or {})
