"""What checks find and what they miss: gold texts of the project, and public data sets with people's labels.

    python -m benchmarks.quality            measure all, print the tables, keep them for the pages
    python -m benchmarks.quality gold pii   only these

Tables are kept in benchmarks/quality.json and shown in docs/checks.md. What needs a public data
set (refusal, hatecheck, moderation) is measured where EVALGATE_REALDATA names the folder that holds it.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

KEPT = Path(__file__).with_name("quality.json")
Z = 1.959964
CLASSIFIERS = ("BERT_davidson2017", "BERT_founta2018", "perspective", "siftninja")


@dataclass(frozen=True)
class Table:
    """A table of figures, as the page shows it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """Return the table in Markdown."""
        lines = [self.head, ("---",) * len(self.head), *self.rows]
        return (
            "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
            .replace("| --- ", "|---")
            .replace("|--- |", "|---|")
        )


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share (Wilson 1927).

    >>> [round(end, 4) for end in wilson(58, 60)]
    [0.8864, 0.9908]
    """
    if not n:
        return 0.0, 1.0
    share, width = hits / n, Z * Z / n
    middle = (share + width / 2) / (1 + width)
    half = Z / (1 + width) * math.sqrt(share * (1 - share) / n + width / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def said(hits: int, n: int) -> str:
    """Return a share with its Wilson interval and n.

    >>> said(58, 60)
    '.967 [.886, .991] of 60'
    """
    if not n:
        return "–"
    low, high = wilson(hits, n)
    return f"{_short(hits / n)} [{_short(low)}, {_short(high)}] of {n:,}"


def _short(share: float) -> str:
    return f"{share:.3f}".lstrip("0") if share < 1 else "1"


def gold() -> Table:
    """Return precision and recall on the project's gold texts, by kind and language; written blind to the packs."""
    from benchmarks.gold import KINDS, measure

    rows = []
    for kind in sorted(KINDS):
        for language in ("es", "pt", "en"):
            counts = measure(kind, language)
            found = counts.tp + counts.fp
            rows.append(
                (
                    kind,
                    language,
                    said(counts.tp, counts.tp + counts.fn),
                    said(counts.tn, counts.tn + counts.fp),
                    said(counts.tp, found),
                )
            )
    return Table(("check", "language", "recall", "hard negatives left alone", "precision"), tuple(rows))


def hatecheck_rows() -> list[dict[str, str]]:
    """Return the cases of HateCheck."""
    with (realdata() / "hatecheck" / "hatecheck.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hatecheck() -> Table:
    """Return what the word list marks of HateCheck, by functionality, beside the published classifiers."""
    flags = _flagged([row["test_case"] for row in hatecheck_rows()])
    by: dict[str, list[tuple[dict[str, str], bool]]] = defaultdict(list)
    for row, flag in zip(hatecheck_rows(), flags, strict=True):
        by[row["functionality"]].append((row, flag))
    rows = [_functionality(name, cases) for name, cases in by.items()]
    everything = [case for cases in by.values() for case in cases]
    rows.append(_functionality("**all**", everything))
    head = ("functionality (h hateful, nh not)", "n", "right: `profanity`", *(f"{name}" for name in CLASSIFIERS))
    return Table(head, tuple(rows))


def _functionality(name: str, cases: Sequence[tuple[dict[str, str], bool]]) -> tuple[str, ...]:
    n = len(cases)
    ours = sum(flag == (row["label_gold"] == "hateful") for row, flag in cases)
    theirs = [sum(row[f"pred_{one}"] == row["label_gold"] for row, _ in cases) for one in CLASSIFIERS]
    return name, str(n), _short(ours / n), *(_short(right / n) for right in theirs)


def moderation() -> Table:
    """Return what the word list marks of OpenAI's moderation set, by harm."""
    path = realdata() / "openai_moderation" / "moderation_1680.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    flags = _flagged([row["prompt"] for row in rows])
    names = {
        "S": "sexual",
        "H": "hate",
        "V": "violence",
        "HR": "harassment",
        "SH": "self-harm",
        "S3": "sexual, minors",
        "H2": "hate, threatening",
        "V2": "violence, graphic",
    }
    table = []
    for key, name in names.items():
        found = [flag for row, flag in zip(rows, flags, strict=True) if row[key] == 1]
        table.append((name, said(sum(found), len(found))))
    clean = [flag for row, flag in zip(rows, flags, strict=True) if not row["any"]]
    table.append(("none of them", said(sum(clean), len(clean))))
    return Table(("harm, as people labelled it", "share that `profanity` marks"), tuple(table))


def student() -> Table:
    """Return a student's accuracy on the half of HateCheck's templates it was not taught, beside the classifiers."""
    from evalgate.checks.models.student import Labelled, Student, load_student, save, train

    rows = hatecheck_rows()
    taught = [row for row in rows if _half(row["templ_id"]) == 0]
    unseen = [row for row in rows if _half(row["templ_id"]) == 1]
    labels = [Labelled(row["test_case"], row["label_gold"] == "hateful", row["templ_id"]) for row in taught]
    trained = train(labels, name="hatecheck", learnt="hateful")
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        save(trained, Path(folder))
        model = load_student(Student(**trained.card.model_dump(), folder=Path(folder)))
    windows = model.read([row["test_case"] for row in unseen])
    guesses = [found[0].scores["violation"] >= trained.card.threshold for found in windows]
    truth = [row["label_gold"] == "hateful" for row in unseen]
    answers: dict[str, list[bool]] = {"`student`, taught on the other half": guesses}
    answers |= {name: [row[f"pred_{name}"] == "hateful" for row in unseen] for name in CLASSIFIERS}
    answers["`profanity`"] = _flagged([row["test_case"] for row in unseen])
    return Table(
        ("on the half of the templates kept apart", "right", "hateful found", "not hateful left alone"),
        tuple((name, *_rates(guessed, truth)) for name, guessed in answers.items()),
    )


def _rates(guessed: Sequence[bool], truth: Sequence[bool]) -> tuple[str, str, str]:
    pairs = list(zip(guessed, truth, strict=True))
    hateful, other = [g for g, t in pairs if t], [g for g, t in pairs if not t]
    right = sum(g == t for g, t in pairs)
    return said(right, len(pairs)), said(sum(hateful), len(hateful)), said(len(other) - sum(other), len(other))


def _half(template: str) -> int:
    return hashlib.sha256(template.encode()).digest()[0] % 2


def _flagged(texts: Iterable[str]) -> list[bool]:
    """Return which texts the profanity check marks, with everything it has switched on."""
    from benchmarks.gold import profane

    return [profane(text) for text in texts]


def refusal() -> Table:
    """Return the refusal check on XSTest beside the published string match."""
    from benchmarks.refusal_xstest import table

    return Table(*table())


def pii() -> Table:
    """Return recall by kind on generated numbers, and how many hard negatives are left alone."""
    from benchmarks.pii_texts import table

    return Table(*table())


TABLES: dict[str, Callable[[], Table]] = {
    "gold": gold,
    "pii": pii,
    "refusal": refusal,
    "hatecheck": hatecheck,
    "moderation": moderation,
    "student": student,
}
PUBLIC = ("refusal", "hatecheck", "moderation", "student")
"""Tables that need the public data sets."""


def realdata() -> Path:
    """Return the folder of the public data sets; stop with one line when the environment names none."""
    folder = os.environ.get("EVALGATE_REALDATA")
    if not folder:
        sys.exit("EVALGATE_REALDATA names no folder; the public data sets are not part of this repository")
    return Path(folder)


def kept() -> dict[str, Table]:
    """Return the tables that are kept."""
    found: dict[str, Any] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    return {
        name: Table(tuple(table["head"]), tuple(tuple(row) for row in table["rows"])) for name, table in found.items()
    }


def main() -> None:
    """Measure what was asked for, print it and keep it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(TABLES)}; all unless given")
    given = parser.parse_args()
    tables = kept()
    for name in given.names or TABLES:
        tables[name] = TABLES[name]()
        print(f"\n{name}\n\n{tables[name].markdown()}", flush=True)
    written = {name: asdict(tables[name]) for name in TABLES if name in tables}
    KEPT.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
