"""A value in a document together with where it stands: reading it strictly, refusing it with `file:line`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from evalgate.core.errors import SuiteInvalid
from evalgate.documents import Document, Way
from evalgate.suites.words import kind_of, nearest, shown, unknown


@dataclass(frozen=True, slots=True)
class Place:
    """One value and the way to it."""

    document: Document
    way: Way
    value: Any

    @property
    def name(self) -> str:
        """The way in words.

        >>> Place(Document("a.yaml", None, {}), ("gates", "answers", 0, "by"), "x").name
        'gates.answers.0.by'
        """
        return ".".join(str(step) for step in self.way) or "the suite"

    def refuse(self, message: str) -> SuiteInvalid:
        """Return the error that says what is wrong here; the caller raises it."""
        return self.document.refuse(self.way, message)

    def at(self, step: str | int) -> Place:
        """Return the place of a value inside this one; the value must be there."""
        return Place(self.document, (*self.way, step), self.value[step])

    def entries(self) -> dict[str, Place]:
        """Return the values of a mapping whose keys people choose."""
        if not isinstance(self.value, dict):
            raise self.refuse(f"{self.name} is a mapping of names to values, not {kind_of(self.value)}")
        return {key: self.at(key) for key in self.value}

    def keys(self, known: Collection[str]) -> dict[str, Place]:
        """Return the values of a mapping with a closed set of keys; an unknown one is refused."""
        entries = self.entries()
        for key, place in entries.items():
            if key not in known:
                raise place.refuse(unknown("key", key, known, f" in {self.name}"))
        return entries

    def items(self) -> list[Place]:
        """Return the values of a list."""
        if not isinstance(self.value, list):
            raise self.refuse(f"{self.name} is a list, not {kind_of(self.value)}")
        return [self.at(index) for index in range(len(self.value))]

    def text(self) -> str:
        """Return a text that says something."""
        if isinstance(self.value, bool | int | float):
            written = str(self.value).lower()
            raise self.refuse(f'{self.name} is text, not {kind_of(self.value)}; write it in quotes: "{written}"')
        if not isinstance(self.value, str):
            raise self.refuse(f"{self.name} is text, not {kind_of(self.value)}")
        if not self.value.strip():
            raise self.refuse(f"{self.name} is empty; write it or take the key out")
        return self.value

    def number(self) -> float:
        """Return a number; text that looks like one is refused, not converted."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.refuse(f"{self.name} is a number, not {kind_of(self.value)}")
        return float(self.value)

    def share(self) -> float:
        """Return a number from 0 to 1."""
        number = self.number()
        if not 0 <= number <= 1:
            percent = f"; {shown(self.value)} % is written {number / 100:g}" if 1 < number <= 100 else ""
            raise self.refuse(f"{self.name} is a share from 0 to 1, not {shown(self.value)}{percent}")
        return number

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            raise self.refuse(f"{self.name} is true or false, not {kind_of(self.value)}")
        return self.value

    def choice(self, *options: str) -> str:
        """Return one of the given words."""
        if self.value not in options:
            hint = nearest(self.value, options) if isinstance(self.value, str) else ""
            raise self.refuse(f"{self.name} is {' or '.join(options)}, not {shown(self.value)}{hint}")
        return str(self.value)
