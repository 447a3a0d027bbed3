"""Long texts in windows: cut by tokens, told in code points, and sorted into batches of alike length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

ROWS_AT_ONCE = 128
LETTERS_AT_ONCE = 500_000
"""Code points tokenized before the model reads them: what is in memory stays flat however many texts there are."""
LEAST_ROOM = 8
"""Tokens that a pair's second text must leave to the first."""

Readable = str | tuple[str, str]


class Cut(NamedTuple):
    """One window: which text it is of, where it stands in its code points, and its tokens."""

    text: int
    start: int
    end: int
    ids: Sequence[int]
    types: Sequence[int]


def slabs(texts: Sequence[Readable]) -> Iterator[range]:
    """Yield runs of texts that are tokenized together."""
    start = size = 0
    for number, text in enumerate(texts):
        size += len(text) if isinstance(text, str) else len(text[0]) + len(text[1])
        if size >= LETTERS_AT_ONCE:
            yield range(start, number + 1)
            start, size = number + 1, 0
    if start < len(texts):
        yield range(start, len(texts))


class Cutter:
    """Cuts texts into windows with a fast tokenizer of transformers."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._special = {pair: tokenizer.num_special_tokens_to_add(pair=pair) for pair in (False, True)}

    def cut(self, texts: Sequence[Readable], numbers: range, window: int, overlap: int) -> list[Cut]:
        """Return the windows of the texts with these numbers; windows of one text stand in order."""
        alone = [number for number in numbers if isinstance(texts[number], str)]
        shared = min(overlap, (window - self._special[False]) // 2)
        cuts = self._encoded([(str(texts[number]),) for number in alone], alone, window, shared)
        pairs = [(number, one) for number in numbers if not isinstance(one := texts[number], str)]
        for shared, group in groupby(self._by_overlap(pairs, window, overlap), key=lambda one: one[0]):
            alike = [(number, pair) for _, number, pair in group]
            cuts += self._encoded([pair for _, pair in alike], [number for number, _ in alike], window, shared)
        return cuts

    def _by_overlap(
        self, pairs: Sequence[tuple[int, tuple[str, str]]], window: int, overlap: int
    ) -> list[tuple[int, int, tuple[str, str]]]:
        """Return the pairs whose second text leaves room for the first, sorted by the overlap that fits the room."""
        if not pairs:
            return []
        seconds = self._tokenizer([pair[1] for _, pair in pairs], add_special_tokens=False, verbose=False)["input_ids"]
        rooms = [window - self._special[True] - len(second) for second in seconds]
        return sorted(
            (min(overlap, room // 2), number, pair)
            for room, (number, pair) in zip(rooms, pairs, strict=True)
            if room >= LEAST_ROOM
        )

    def _encoded(
        self, texts: Sequence[tuple[str, ...]], numbers: Sequence[int], window: int, overlap: int
    ) -> list[Cut]:
        if not texts:
            return []
        encoded = self._tokenizer(
            *map(list, zip(*texts, strict=True)),
            truncation="only_first",
            max_length=window,
            stride=overlap,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            return_token_type_ids=True,
            verbose=False,
        )
        origins = encoded["overflow_to_sample_mapping"]
        cuts = (
            _cut(row, numbers[origin], texts[origin][0]) for row, origin in zip(encoded.encodings, origins, strict=True)
        )
        return [cut for cut in cuts if cut is not None]


def batches(cuts: Sequence[Cut], tokens_at_once: int) -> Iterator[list[int]]:
    """Yield the indices of windows to read together: of alike length, within a number of tokens once padded."""
    batch: list[int] = []
    for index in sorted(range(len(cuts)), key=lambda one: (-len(cuts[one].ids), one)):
        longest = len(cuts[batch[0]].ids) if batch else 0
        if batch and (len(batch) == ROWS_AT_ONCE or longest * (len(batch) + 1) > tokens_at_once):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _cut(row: Any, number: int, text: str) -> Cut | None:
    """Return the window of one encoding, None when nothing of the text is in it."""
    shown = [
        offsets
        for offsets, sequence in zip(row.offsets, row.sequence_ids, strict=True)
        if sequence == 0 and offsets[0] < offsets[1]
    ]
    if not shown:
        return None
    start, end = min(start for start, _ in shown), max(end for _, end in shown)
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Cut(number, start, end, row.ids, row.type_ids) if start < end else None
