"""Checks that read packs which ship: the version a suite pins, a team's own additions, and a digest of it all."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from pydantic import ValidationInfo, field_validator

from evalgate.checks.packs.loading import load_pack, packs_of
from evalgate.checks.packs.matching import Matcher
from evalgate.checks.packs.pack import Entry, Pack
from evalgate.core.checks import Check, Loading
from evalgate.core.values import digest


class PackedCheck(Check):
    """A check that reads the packs `<kind>.<language>` that ship, in every language, and a pack of the team's own."""

    pin: str | None = None
    """The version of the packs that ship, as "2026.11": with another one installed the suite does not load."""
    pack: Pack | None = None
    """More entries, in a file of one's own: its path, relative to the suite."""

    @field_validator("pin", mode="before")
    @classmethod
    def _is_installed(cls, pin: Any) -> Any:
        if isinstance(pin, int | float):
            raise ValueError(f'a version is text; put it in quotes: "{pin}"')  # noqa: TRY004 - pydantic reads ValueErrors
        for pack in packs_of(cls.kind) if isinstance(pin, str) else ():
            if pack.version != pin:
                raise ValueError(
                    f"version {pin} is pinned, and {pack.name} is installed in version {pack.version};"
                    f" `evalgate packs diff` shows what changed, then pin {pack.version}"
                )
        return pin

    @field_validator("pack", mode="before")
    @classmethod
    def _load_own(cls, pack: Any, info: ValidationInfo) -> Any:
        return load_pack(pack, Loading.of(info).read) if isinstance(pack, str) else pack

    @cached_property
    def digest(self) -> str:
        """As of any check, and of what the packs that ship list: a changed pack is a changed check."""
        shipped = [pack.model_dump(mode="json", exclude={"examples"}) for pack in packs_of(self.kind)]
        return digest([super().digest, shipped])

    def finding(self, wanted: Callable[[Entry], bool] = lambda _: True) -> Matcher:
        """Return what finds the wanted entries of all packs in texts of any language.

        Without a language an entry counts everywhere: words in a row are of one language wherever they stand, and
        an English order in a Spanish page is still one.
        """
        return Matcher(
            pack.model_copy(
                update={
                    "language": None,
                    "terms": tuple(filter(wanted, pack.terms)),
                    "patterns": tuple(filter(wanted, pack.patterns)),
                    "allow": pack.allow + self.allowed,
                }
            )
            for pack in self.packs
        )

    @property
    def allowed(self) -> tuple[str, ...]:
        """Phrases in which nothing counts, besides the packs' own."""
        return ()

    @property
    def packs(self) -> tuple[Pack, ...]:
        """The packs that ship for this kind of check, then the team's own."""
        return (*packs_of(self.kind), self.pack) if self.pack else packs_of(self.kind)
