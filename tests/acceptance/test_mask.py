"""`evalgate mask`, as people pipe rows through it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.acceptance.scenes import evalgate, one_line

ROW = {
    "id": "r-1",
    "note": "CPF 529.982.247-25, ana@exemplo.com.br",
    "deep": [{"card": "4539 1488 0343 6467", "ok": True, "n": 7}],
}
GIVEN = json.dumps(ROW) + "\n"
KEY = {"MASK_KEY": "a-long-and-secret-key"}


def test_every_text_of_a_row_is_masked_and_the_rest_stays(tmp_path: Path) -> None:
    done = evalgate(tmp_path, "mask", given=GIVEN)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "id": "r-1",
        "note": "CPF <CPF>, <EMAIL>",
        "deep": [{"card": "<CARD>", "ok": True, "n": 7}],
    }


def test_equal_values_get_equal_hashes_under_a_key_and_others_under_another(tmp_path: Path) -> None:
    given = GIVEN + json.dumps({"x": "cpf 52998224725"}) + "\n"
    done = evalgate(tmp_path, "mask", "--style", "hash", "--key-env", "MASK_KEY", given=given, env=KEY)
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    mask = first["note"].split()[1].rstrip(",")
    assert mask.startswith("<CPF:")
    assert second["x"] == f"cpf {mask}"
    other = evalgate(
        tmp_path,
        "mask",
        "--style",
        "hash",
        "--key-env",
        "MASK_KEY",
        given=GIVEN,
        env={"MASK_KEY": "another-secret-key!"},
    )
    assert mask not in other.stdout


def test_the_last_four_digits_stay_where_that_is_customary(tmp_path: Path) -> None:
    done = evalgate(tmp_path, "mask", "--style", "last4", given=GIVEN)
    row = json.loads(done.stdout)
    assert row["deep"][0]["card"].endswith("6467>")
    assert "529" not in row["note"]


@pytest.mark.parametrize("style", [(), ("--style", "hash", "--key-env", "MASK_KEY"), ("--style", "last4")])
def test_masking_twice_changes_nothing(tmp_path: Path, style: tuple[str, ...]) -> None:
    once = evalgate(tmp_path, "mask", *style, given=GIVEN, env=KEY).stdout
    assert evalgate(tmp_path, "mask", *style, given=once, env=KEY).stdout == once


def test_a_plain_text_is_masked_whole(tmp_path: Path) -> None:
    text = "Hola:\nana@x.example\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nfin\n"
    done = evalgate(tmp_path, "mask", "--text", given=text)
    assert "MIIE" not in done.stdout
    assert "ana@" not in done.stdout
    assert (done.stdout.splitlines()[0], done.stdout.splitlines()[-1]) == ("Hola:", "fin")


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        ((), "{broken\n", "stdin:1: broken JSON at column 2"),
        (("--style", "hash"), GIVEN, "--style hash needs a key"),
        (("--style", "hash", "--key-env", "NO_SUCH_KEY"), GIVEN, "NO_SUCH_KEY holds 0 characters"),
        (("--key-env", "MASK_KEY"), GIVEN, "--key-env is for --style hash"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, arguments: tuple[str, ...], given: str, said: str) -> None:
    done = evalgate(tmp_path, "mask", *arguments, given=given)
    assert done.returncode == 2
    assert said in one_line(done)
