from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.core.errors import DataInvalid
from evalgate.suites.fields import Wanted
from evalgate.suites.inventory import MAX_SLICE_VALUES, Labels, pairing
from evalgate.suites.samples import SampleFile
from evalgate.suites.suite import DataSpec
from tests.suites.scenes import complaint


def opened(path, rows, **spec):
    path.write_text("".join(json.dumps({"input": "q", "output": "a", **row}) + "\n" for row in rows), encoding="utf-8")
    return SampleFile(path, DataSpec(**spec), Wanted())


def test_an_inventory_says_what_is_in_a_file(tmp_path):
    rows = [
        {"id": "1", "cluster": "s", "lang": "es", "model": "m1", "revision": "r1", "created_at": "2026-03-02"},
        {"id": "2", "cluster": "s", "lang": "pt", "model": "m2", "created_at": "2026-03-01T00:00:00+00:00"},
        {"id": "3", "lang": None, "revision": "r1", "input": "olá", "output": "tchau"},
        {"id": "2", "repeat": 1, "cluster": "s", "lang": "pt", "model": "m1"},
    ]
    file = opened(tmp_path / "a.jsonl", rows, slices={"locale": "lang"})
    found = file.inventory()
    assert (found.path, found.rows, found.first_ids) == (file.path, 4, ("1", "2", "3"))
    assert found.sha256 == hashlib.sha256(file.path.read_bytes()).hexdigest()
    assert len(set(found.keys.tolist())) == 4
    assert found.clusters[0] == found.clusters[1] == found.clusters[3] != found.clusters[2]
    assert found.without_cluster == 1
    assert found.slices["locale"].names == ("es", "pt")
    assert found.slices["locale"].codes.tolist() == [0, 1, -1, 1]
    assert found.revisions == Labels(("r1",), more=False, absent=2)
    assert found.models == Labels(("m1", "m2"), more=False, absent=1)
    assert (found.oldest, found.newest) == (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))
    assert found.without_created_at == 2
    assert (found.input_characters, found.output_characters) == (6, 8)


def test_the_hashes_are_those_of_the_samples(tmp_path):
    file = opened(tmp_path / "a.jsonl", [{"id": str(n), "input": f"q{n}"} for n in range(5)])
    found = file.inventory()
    samples = list(file.stream())
    assert [f"{case:016x}" for case in found.content.tolist()] == [sample.case.digest[:16] for sample in samples]
    assert [f"{one:016x}" for one in found.answers.tolist()] == [sample.digest[:16] for sample in samples]


def test_a_case_without_a_cluster_is_no_cluster_of_that_name(tmp_path):
    found = opened(tmp_path / "a.jsonl", [{"id": "s"}, {"id": "t", "cluster": "s"}]).inventory()
    assert found.clusters[0] != found.clusters[1]


def test_many_revisions_are_named_up_to_twenty(tmp_path):
    found = opened(tmp_path / "a.jsonl", [{"id": n, "revision": f"r{n:02}"} for n in range(30)]).inventory()
    assert found.revisions == Labels(tuple(f"r{n:02}" for n in range(20)), more=True, absent=0)


def test_a_row_takes_less_than_a_hundred_bytes(tmp_path):
    rows = ({"id": n, "lang": "es"} for n in range(5000))
    found = opened(tmp_path / "a.jsonl", rows, slices={"locale": "lang"}).inventory()
    assert found.nbytes / found.rows == 36


def test_an_id_that_stands_twice_is_named_with_both_lines(tmp_path):
    file = opened(tmp_path / "a.jsonl", [{"id": "a"}, {"id": "b"}, {"id": "é-1"}, {"id": "b"}, {"id": "a"}])
    assert complaint(file.inventory) == (
        f"{file.path}:4: the id 'b' is already on line 2; ids are unique, several answers to one case carry repeat"
        " 0, 1, 2 …"
    )


def test_a_repeat_that_stands_twice_is_named_too(tmp_path):
    file = opened(tmp_path / "a.jsonl", [{"id": "a"}, {"id": "a", "repeat": 1}, {"id": "a", "repeat": 1}])
    assert complaint(file.inventory) == (
        f"{file.path}:3: repeat 1 of the id 'a' is already on line 2; ids are unique, several answers to one case carry"
        " repeat 0, 1, 2 …"
    )


def test_a_number_and_the_same_digits_as_text_are_one_id(tmp_path):
    file = opened(tmp_path / "a.jsonl", [{"id": 1}, {"id": "1"}])
    assert complaint(file.inventory).startswith(f"{file.path}:2: the id '1' is already on line 1")


def test_a_slice_with_a_value_a_row_is_refused(tmp_path):
    rows = [{"id": n, "lang": str(n)} for n in range(MAX_SLICE_VALUES + 1)]
    file = opened(tmp_path / "a.jsonl", rows, slices={"locale": "lang"})
    assert complaint(file.inventory) == (
        f"{file.path}:1001: the slice 'locale' has more than 1,000 values; slice by a column with a few"
    )


# ── pairs ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def paired(folder, candidate, baseline):
    return pairing(
        opened(folder / "candidate.jsonl", candidate).inventory(),
        opened(folder / "baseline.jsonl", baseline).inventory(),
    )


def test_pairs_share_id_repeat_and_content(tmp_path):
    pairs = paired(
        tmp_path,
        [{"id": "c"}, {"id": "new"}, {"id": "a", "output": "better"}, {"id": "b", "input": "changed"}],
        [{"id": "a"}, {"id": "b"}, {"id": "c"}, {"id": "c", "repeat": 1}, {"id": "gone"}],
    )
    assert pairs.candidate.tolist() == [0, 2]
    assert pairs.baseline.tolist() == [2, 0]
    assert len(pairs.candidate) == 2
    assert (pairs.unmatched_candidate, pairs.unmatched_baseline) == (1, 2)
    assert (pairs.changed_content, pairs.unchanged_outputs) == (1, 1)


def test_files_without_a_common_id_are_refused(tmp_path):
    with pytest.raises(DataInvalid) as refused:
        paired(tmp_path, [{"id": n} for n in range(5)], [{"id": f"c-{n}"} for n in range(2)])
    assert str(refused.value) == (
        f"{tmp_path}/candidate.jsonl and {tmp_path}/baseline.jsonl have no id in common (first: '0', '1', '2' against"
        " first: 'c-0', 'c-1'); a baseline answers the same cases"
    )


ARMS = st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(st.sampled_from("xy"), st.sampled_from("12")), min_size=1)


@given(ARMS, ARMS)
def test_pairing_agrees_with_comparing_row_by_row(tmp_path_factory, candidate, baseline):
    folder = tmp_path_factory.getbasetemp()
    arms = [
        [{"id": name, "input": asked, "output": said} for name, (asked, said) in {"common": ("x", "1"), **arm}.items()]
        for arm in (candidate, baseline)
    ]
    ours, theirs = ({row["id"]: row for row in arm} for arm in arms)
    both = [name for name in ours if name in theirs]
    same = [name for name in both if ours[name]["input"] == theirs[name]["input"]]
    pairs = paired(folder, *arms)
    assert [arms[0][at]["id"] for at in pairs.candidate] == same
    assert [arms[1][at]["id"] for at in pairs.baseline] == same
    assert (pairs.unmatched_candidate, pairs.unmatched_baseline) == (len(ours) - len(both), len(theirs) - len(both))
    assert pairs.changed_content == len(both) - len(same)
    assert pairs.unchanged_outputs == sum(ours[name] == theirs[name] for name in same)
    assert np.all(np.diff(pairs.candidate) > 0)


def test_an_inventory_without_its_rows_still_speaks_of_the_file(tmp_path):
    found = opened(tmp_path / "a.jsonl", [{"id": "1", "model": "m"}, {"id": "2"}]).inventory()
    left = found.without_rows()
    assert left.nbytes == 0
    assert (left.rows, left.sha256, left.models, left.first_ids) == (2, found.sha256, found.models, found.first_ids)
