"""Pages lead where they say, show suites that load, and speak of what is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from evalgate.judges.shipped import shipped_rubrics
from evalgate.suites.loading import TOP_KEYS, load_suite
from evalgate.wiring.catalogue import all_checks
from tests.checks.models.describing import described
from tests.docs.pages import DOCS, PAGES, ROOT, Block, blocks, name_of, prose_of, text_of

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PROMISE = re.compile(
    r"\b(?:will (?:soon )?be (?:able|added|available|built|implemented|part|possible|provided|supported)|coming soon"
    r"|roadmap|(?:is|are) planned|we plan|in (?:a|the|some) (?:later|future|next) (?:version|release)"
    r"|not yet (?:implemented|supported|available)|TBD|stay tuned)\b",
    re.IGNORECASE,
)
BASE = {
    "version": 1,
    "name": "base",
    "owner": "owner@acme.example",
    "judge": "gpt-4.1-mini",
    "uncalibrated": "allow",
    "data": {"candidate": "c.jsonl", "baseline": "b.jsonl", "slices": {"locale": "lang"}},
}
IMAGE_BYTES = 300_000


def anchors_of(path: Path) -> set[str]:
    """Return what a heading can be reached by."""
    headings = re.findall(r"^#+ (.+)$", prose_of(text_of(path)), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_somewhere(path: Path, target: str) -> bool:
    """Say whether a link leads to a file, and to a heading of it where it names one; addresses elsewhere count."""
    place, _, anchor = target.partition("#")
    there = (path.parent / place).resolve() if place else path
    return "://" in target or (there.exists() and (not anchor or anchor in anchors_of(there)))


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_relative_link_resolves(path):
    assert [link for link in LINK.findall(prose_of(text_of(path))) if not leads_somewhere(path, link)] == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_has_one_title_and_speaks_of_what_is(path):
    text = prose_of(text_of(path))
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1
    assert PROMISE.findall(text) == []


def test_every_page_can_be_reached_from_the_index():
    seen: set[Path] = set()
    waiting = [DOCS / "index.md"]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        links = LINK.findall(prose_of(text_of(path)))
        there = {(path.parent / link.partition("#")[0]).resolve() for link in links if "://" not in link}
        waiting += [page for page in there - seen if page.suffix == ".md" and page.is_relative_to(DOCS)]
    assert {name_of(path) for path in DOCS.rglob("*.md")} == {name_of(path) for path in seen}


THEIRS = ("docs/how-to/add-a-check.md", "docs/integrations/")
"""Whose YAML is of other tools, or of a check that is not there yet."""


def suites_in_the_pages() -> list[Block]:
    """Return the blocks that are suites or parts of one; rubrics, packs and the like have other tests."""
    others = {"question", "terms", "labels", "criteria"}
    found = [block for block in blocks("yaml") if not block.place.startswith(THEIRS)]
    return [block for block in found if not read_as_text(block.content).keys() & others]


def read_as_text(content: str) -> dict[str, Any]:
    """Return YAML with every scalar as it is written."""
    return yaml.load(content, Loader=yaml.BaseLoader)  # noqa: S506 - plain text only


@pytest.mark.parametrize("block", suites_in_the_pages(), ids=lambda block: block.place)
def test_every_yaml_block_is_a_suite_or_a_part_of_one_that_loads(block: Block, tmp_path):
    """A block with `version` loads as it stands, any other part of a suite beside what it leaves out."""
    written = read_as_text(block.content)
    assert set(written) <= set(TOP_KEYS), f"neither a suite nor a part of one: {sorted(written)}"
    lay_named_files(tmp_path, written)
    suite = tmp_path / "suite.yaml"
    suite.write_text(block.content if "version" in written else completed(written), encoding="utf-8")
    assert load_suite(suite, all_checks()).gates


def completed(part: dict[str, Any]) -> str:
    """Return a suite around a part: a gate for each check, a check for each gate, everything else from BASE."""
    gated = part.get("gates", {})
    checks = {name.partition(".")[0]: {"check": "length", "max_characters": 100} for name in gated}
    checks |= part.get("checks", {}) or ({} if checks else {"short": {"check": "length", "max_characters": 100}})
    gates = {name: {"at_least": "0.5"} for name, check in checks.items() if check.get("advisory") != "true"} | gated
    whole = {**BASE, **part, "checks": checks, "gates": gates}
    # YAML as text throughout: a value that the page writes without quotes stands without quotes here.
    return re.sub(r"(?<=: )'([\w.+-]+)'|(?<=- )'([\w.+-]+)'", r"\1\2", yaml.safe_dump(whole, sort_keys=False))


def lay_named_files(folder: Path, suite: dict[str, Any]) -> None:
    """Write the rubrics and packs that a block names as files, and the folders of models."""
    for check in suite.get("checks", {}).values():
        if "model" in check:
            described(check["check"], folder / check["model"])
        rubric, pack = check.get("rubric", ""), check.get("pack", "")
        content = {
            rubric: shipped_rubrics()["faithful"].read_bytes(),
            pack: b"{name: p, version: 1, terms: [Globex]}\n",
        }
        for name in filter(None, (rubric if rubric.endswith(".yaml") else "", pack)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content[name])


@pytest.mark.parametrize("block", blocks("json"), ids=lambda block: block.place)
def test_every_json_block_is_one_object_a_line(block: Block):
    assert all(isinstance(json.loads(line), dict) for line in block.content.splitlines())


def test_images_are_small_and_shown():
    images = sorted((DOCS / "images").glob("*"))
    shown = "".join(text_of(path) for path in PAGES)
    assert images
    assert {image.name for image in images if image.stat().st_size > IMAGE_BYTES or image.name not in shown} == set()


def test_the_readme_names_the_two_commands_of_a_checkout():
    readme = text_of(ROOT / "README.md")
    assert "make demo" in readme
    assert "make test" in readme
