"""How much two texts share: ROUGE-L over words, chrF over letters."""

from __future__ import annotations

import re
from typing import Any

ROUGE_AT_MOST = 10**8
"""Words of one text times words of the other that are compared: 10,000 by 10,000."""
CHRF_AT_MOST = 50_000
"""Characters of each text, blanks apart, that are compared."""
_ORDER = 6
_BETA2 = 4
"""Recall counts twice as much as precision: β = 2."""
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
"""A word; of Chinese and Japanese, a character."""


class TooLong(ValueError):
    """Two texts are too long to be compared in time."""


def rouge_l(one: str, other: str) -> float:
    """Return the F1 of the longest common subsequence of words (ROUGE-L, Lin 2004); 0 when a text has no word.

    Raise TooLong beyond ROUGE_AT_MOST.

    >>> round(rouge_l("el envío cuesta cinco euros", "el envío son cinco euros"), 2)
    0.8
    """
    from rapidfuzz.distance import LCSseq

    ours, theirs = _WORD.findall(one), _WORD.findall(other)
    if len(ours) * len(theirs) > ROUGE_AT_MOST:
        raise TooLong(f"{len(ours):,} words by {len(theirs):,} are too many to compare")
    if not ours or not theirs:
        return 0.0
    return 2 * LCSseq.similarity(ours, theirs) / (len(ours) + len(theirs))


def chrf(one: str, reference: str) -> float:
    """Return chrF2 (Popović 2015): the F of the runs of 1 to 6 letters, recall twice as heavy; blanks do not count.

    Precision and recall are means over the lengths that both texts have. Raise TooLong beyond CHRF_AT_MOST.

    >>> round(chrf("envío gratis", "envío gratuito"), 3)
    0.646
    """
    import numpy as np

    texts = ["".join(text.split()) for text in (one, reference)]
    if max(map(len, texts)) > CHRF_AT_MOST:
        raise TooLong(f"{max(map(len, texts)):,} characters are too many to compare; chrf reads {CHRF_AT_MOST:,}")
    if not all(texts):
        return 0.0
    letters = np.unique(np.concatenate([_points(text) for text in texts]), return_inverse=True)[1]
    ours, theirs = letters[: len(texts[0])], letters[len(texts[0]) :]
    size = int(letters.max()) + 1
    runs = [ours, theirs]
    precision = recall = 0.0
    orders = min(_ORDER, len(ours), len(theirs))
    for order in range(orders):
        if order:  # a run is the number of the run before it and its last letter; numbers stay small
            runs = [run[: len(run) - 1] * size + text[order:] for run, text in zip(runs, (ours, theirs), strict=True)]
            numbers = np.unique(np.concatenate(runs), return_inverse=True)[1]
            runs = [numbers[: len(runs[0])], numbers[len(runs[0]) :]]
        most = max(int(run.max()) for run in runs) + 1
        counts = [np.bincount(run, minlength=most) for run in runs]
        common = int(np.minimum(*counts).sum())
        precision += common / len(runs[0]) / orders
        recall += common / len(runs[1]) / orders
    both = _BETA2 * precision + recall
    return (1 + _BETA2) * precision * recall / both if both else 0.0


def _points(text: str) -> Any:
    import numpy as np

    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
