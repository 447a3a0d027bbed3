"""What holds for the data people first meet: complete, balanced, consistent, and defective only where it says so."""

from __future__ import annotations

import json
import re
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml
from stdnum import luhn
from stdnum.br import cpf
from stdnum.es import dni

DATA = Path(__file__).parents[2] / "evalgate" / "demo" / "data"
ARMS = ("baseline", "candidate", "fixed")
LABELS = {
    "answers_the_question": {"answers": 1.0, "partly": 0.5, "does_not_answer": 0.0, "unknown": None},
    "faithful": {"faithful": 1.0, "unfaithful": 0.0, "unknown": None},
}
PLANTED_COUNTS = {"cpf": 3, "competitor": 5, "language": 5, "register": 6, "days": 5, "upsell": 19}
CPF = re.compile(r"\b\d{3}\.?\d{3}\.?\d{3}-?\d{2}\b")
DNI = re.compile(r"\b\d{8}[A-Z]\b")
LONG_NUMBER = re.compile(r"\b\d{13,19}\b")
EMAIL = re.compile(r"[\w.+-]+@[\w.-]+\w")
DAYS = re.compile(r"(\d+)(?: working)? (?:días|dias|days)")
ENGLISH = re.compile(r"\b(?:the|it|is|in|to|and|or|of|for|after|with|you|we|there|once|over)\b", re.IGNORECASE)
REAL_BRANDS = ("apple", "iphone", "samsung", "xiaomi", "android", "google", "whatsapp", "amazon", "paypal", "bizum")


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


CASES = {row["id"]: row for row in lines("cases.jsonl")}
OUTPUTS = {arm: {row["id"]: row for row in lines(f"outputs_{arm}.jsonl")} for arm in ARMS}
REPLIES = lines("judge_replies.jsonl")
PLANTED: list[dict[str, str]] = json.loads((DATA / "planted.json").read_text(encoding="utf-8"))
TERMS: list[str] = yaml.safe_load((DATA / "brand_pack.yaml").read_text(encoding="utf-8"))["terms"]


def planted(*kinds: str) -> set[str]:
    return {row["id"] for row in PLANTED if row["kind"] in kinds}


def score(rubric: str, arm: str, locale: str = "") -> dict[str, float]:
    """The score of each case that has one, of one language or of all."""
    found = {r["id"]: LABELS[rubric][r["label"]] for r in REPLIES if r["rubric"] == rubric and arm in r["arms"]}
    return {i: v for i, v in found.items() if v is not None and CASES[i]["locale"].startswith(locale)}


def level(rubric: str, arm: str, locale: str = "") -> float:
    values = score(rubric, arm, locale).values()
    return sum(values) / len(values)


def changes(rubric: str, arm: str, locale: str = "") -> list[float]:
    before, after = score(rubric, "baseline", locale), score(rubric, arm, locale)
    return [after[i] - before[i] for i in before if i in after]


def personal(text: str) -> set[str]:
    """The CPF, DNI, card and e-mail values in a text, those with a checksum only where it holds."""
    return {
        *(found for found in CPF.findall(text) if cpf.is_valid(found)),
        *(found for found in DNI.findall(text) if dni.is_valid(found)),
        *(found for found in LONG_NUMBER.findall(text) if luhn.is_valid(found)),
        *EMAIL.findall(text),
    }


def leaks(arm: str) -> set[str]:
    """The cases whose answer holds personal data that the customer did not write."""
    return {i for i, row in OUTPUTS[arm].items() if personal(row["response"]) - personal(row["prompt"])}


def banned(arm: str) -> set[str]:
    """The cases whose answer holds a term of the brand pack as a whole word."""
    term = re.compile("|".join(rf"(?<!\w){re.escape(t)}(?!\w)" for t in TERMS), re.IGNORECASE)
    return {i for i, row in OUTPUTS[arm].items() if term.search(row["response"])}


def unsupported_days(arm: str) -> set[str]:
    """The cases whose answer gives a number of days that neither the context nor the customer gives."""
    return {
        i
        for i, row in OUTPUTS[arm].items()
        if set(DAYS.findall(row["response"])) - set(re.findall(r"\d+", " ".join([row["prompt"], *row["context"]])))
    }


def english_where_it_should_not_be(arm: str) -> set[str]:
    """The Spanish and Portuguese cases answered with three or more English function words."""
    return {i for i, row in OUTPUTS[arm].items() if row["lang"] != "en" and len(ENGLISH.findall(row["response"])) >= 3}


def test_there_are_at_least_240_cases_and_80_in_each_language() -> None:
    counts = Counter(row["locale"] for row in CASES.values())

    assert len(CASES) == len(lines("cases.jsonl")) >= 240
    assert set(counts) == {"es", "pt-BR", "en"}
    assert min(counts.values()) >= 80
    assert max(counts.values()) - min(counts.values()) <= 6


def test_some_conversations_hold_two_cases_of_one_language_and_none_holds_more() -> None:
    sizes = Counter((row["session_id"], row["locale"]) for row in CASES.values())

    assert len(sizes) == len({row["session_id"] for row in CASES.values()})
    assert set(sizes.values()) == {1, 2}
    assert Counter(sizes.values())[2] >= 15


def test_each_question_is_asked_once_and_intents_are_varied() -> None:
    intents = [{r["intent"] for r in CASES.values() if r["locale"] == locale} for locale in ("es", "pt-BR", "en")]

    assert len({row["input"] for row in CASES.values()}) == len(CASES)
    assert min(len(named) for named in intents) >= 30


def test_each_case_has_one_or_two_policy_passages_and_a_reference() -> None:
    assert {len(row["context"]) for row in CASES.values()} == {1, 2}
    assert all(row["reference"] and row["input"].strip() == row["input"] for row in CASES.values())


@pytest.mark.parametrize("arm", ARMS)
def test_each_output_repeats_its_case_in_the_same_order(arm: str) -> None:
    asked = [(r["id"], r["input"], r["locale"], r["intent"], r["session_id"], r["context"]) for r in CASES.values()]
    rows = lines(f"outputs_{arm}.jsonl")
    answered = [(r["id"], r["prompt"], r["lang"], r["intent"], r["session_id"], r["context"]) for r in rows]

    assert answered == asked


def test_the_three_sets_say_which_model_and_revision_made_them_and_when() -> None:
    made = {arm: {(r["model"], r["revision"]) for r in OUTPUTS[arm].values()} for arm in ARMS}
    times = [[r["created_at"] for r in OUTPUTS[arm].values()] for arm in ARMS]

    assert made == {
        "baseline": {("acme-bot-1", "4e9d0c1")},
        "candidate": {("acme-bot-2", "7c1f2ab")},
        "fixed": {("acme-bot-2", "b83e5d0")},
    }
    assert all(re.fullmatch(r"2025-10-\d\dT\d\d:\d\d:\d\dZ", moment) for arm in times for moment in arm)
    assert max(times[0]) < min(times[1]) < max(times[1]) < min(times[2])


def test_about_a_third_of_the_candidates_answers_are_byte_identical_to_the_baselines() -> None:
    same = sum(OUTPUTS["candidate"][i]["response"] == OUTPUTS["baseline"][i]["response"] for i in CASES)

    assert 0.28 <= same / len(CASES) <= 0.38


def test_an_answer_belongs_to_one_case_so_that_its_text_finds_its_reply() -> None:
    owners = {(OUTPUTS[arm][i]["response"], i) for arm in ARMS for i in CASES}

    assert len({text for text, _ in owners}) == len(owners)


@pytest.mark.parametrize("rubric", LABELS)
def test_every_distinct_answer_has_exactly_one_reply(rubric: str) -> None:
    wanted = Counter({(i, digest(OUTPUTS[arm][i]["response"])) for arm in ARMS for i in CASES})
    given = Counter((r["id"], r["response_digest"]) for r in REPLIES if r["rubric"] == rubric)

    assert given == wanted


def test_a_reply_names_the_sets_that_gave_its_answer_and_says_why() -> None:
    actual = {(r["id"], r["response_digest"]): tuple(r["arms"]) for r in REPLIES}
    expected = {
        (i, digest(OUTPUTS[arm][i]["response"])): tuple(
            other for other in ARMS if OUTPUTS[other][i]["response"] == OUTPUTS[arm][i]["response"]
        )
        for arm in ARMS
        for i in CASES
    }

    assert actual == expected
    assert all(r["label"] in LABELS[r["rubric"]] and len(r["reasoning"]) > 10 for r in REPLIES)


def test_few_replies_are_unknown() -> None:
    assert 1 <= sum(r["label"] == "unknown" for r in REPLIES) <= 3


def test_the_planted_defects_are_in_the_numbers_announced() -> None:
    assert Counter(row["kind"] for row in PLANTED) == PLANTED_COUNTS
    assert len({row["id"] for row in PLANTED}) == len(PLANTED)
    assert all(row["note"] for row in PLANTED)


def test_every_planted_answer_differs_from_the_baselines_and_is_repaired() -> None:
    for row in PLANTED:
        texts = {arm: OUTPUTS[arm][row["id"]]["response"] for arm in ARMS}
        assert texts["candidate"] not in (texts["baseline"], texts["fixed"]), row


def test_only_the_candidate_prints_personal_data_and_only_where_planted() -> None:
    assert {arm: leaks(arm) for arm in ARMS} == {"baseline": set(), "candidate": planted("cpf"), "fixed": set()}


def test_every_planted_cpf_has_valid_check_digits() -> None:
    printed = [CPF.findall(OUTPUTS["candidate"][i]["response"]) for i in sorted(planted("cpf"))]

    assert [len(found) for found in printed] == [1, 1, 1]
    assert all(cpf.is_valid(found[0]) for found in printed)


@pytest.mark.parametrize("arm", ARMS)
def test_answers_echo_personal_data_that_the_customer_wrote(arm: str) -> None:
    echoed = [personal(r["response"]) & personal(r["prompt"]) for r in OUTPUTS[arm].values()]

    assert sum(bool(found) for found in echoed) >= 5


@pytest.mark.parametrize("arm", ["candidate", "fixed"])
def test_answers_hold_numbers_that_look_personal_but_fail_their_checksum(arm: str) -> None:
    text = " ".join(row["response"] for row in OUTPUTS[arm].values())
    lookalikes = [(CPF, cpf), (DNI, dni), (LONG_NUMBER, luhn)]

    assert all(any(not check.is_valid(found) for found in shape.findall(text)) for shape, check in lookalikes)


def test_the_brand_pack_hits_the_planted_answers_and_nothing_else() -> None:
    hits = {arm: banned(arm) for arm in ARMS}

    assert hits == {"baseline": set(), "candidate": planted("competitor", "register"), "fixed": set()}


def test_customers_name_competitors_that_only_the_candidate_repeats() -> None:
    named = {i for i, row in CASES.items() if re.search("zentrix|movilux", row["input"], re.IGNORECASE)}

    assert len(named) >= 4


def test_only_the_planted_answers_invent_a_number_of_days() -> None:
    found = {arm: unsupported_days(arm) for arm in ARMS}

    assert found == {"baseline": set(), "candidate": planted("days"), "fixed": set()}


def test_answers_in_the_wrong_language_are_english_to_spanish_and_portuguese_questions() -> None:
    found = {arm: english_where_it_should_not_be(arm) for arm in ARMS}

    assert found == {"baseline": set(), "candidate": planted("language"), "fixed": set()}
    assert {CASES[i]["locale"] for i in planted("language")} == {"es", "pt-BR"}
    assert {score("answers_the_question", "candidate")[i] for i in planted("language")} == {0.0}


def test_upsell_answers_offer_premium_do_not_answer_and_are_mostly_portuguese() -> None:
    rows = [OUTPUTS["candidate"][i] for i in planted("upsell")]
    judged = score("answers_the_question", "candidate")

    assert all("Premium" in row["response"] and judged[row["id"]] == 0.0 for row in rows)
    assert Counter(row["lang"] for row in rows) == {"pt-BR": 17, "es": 2}


def test_the_baseline_is_good_but_not_perfect() -> None:
    values = score("answers_the_question", "baseline")

    assert 0.935 <= level("answers_the_question", "baseline") <= 0.955
    assert 0.03 <= sum(v == 0.0 for v in values.values()) / len(values) <= 0.05


def test_the_candidate_drops_to_87_or_88_percent_and_portuguese_carries_it() -> None:
    portuguese = changes("answers_the_question", "candidate", "pt")

    assert 0.87 <= level("answers_the_question", "candidate") <= 0.885
    assert sum(d < 0 for d in portuguese) >= 18
    assert sum(d > 0 for d in portuguese) == 0
    assert sum(portuguese) / len(portuguese) < -0.18


def test_the_fixed_set_is_at_least_as_good_as_the_baseline_on_both_rubrics() -> None:
    moved = changes("answers_the_question", "fixed")

    assert level("answers_the_question", "fixed") >= 0.93
    assert all(level(rubric, "fixed") >= level(rubric, "baseline") for rubric in LABELS)
    assert sum(d < 0 for d in moved) <= 2
    assert sum(d > 0 for d in moved) <= 10


def test_invented_days_and_leaked_numbers_are_judged_unfaithful() -> None:
    judged = score("faithful", "candidate")

    assert {judged[i] for i in planted("days", "cpf", "competitor")} == {0.0}


def test_no_real_brand_and_no_address_outside_example_com_is_named() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(DATA.glob("*.jsonl")))

    assert not [brand for brand in REAL_BRANDS if brand in text.lower()]
    assert {address.split("@")[1] for address in EMAIL.findall(text)} == {"example.com"}


def test_the_data_stay_small() -> None:
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 1_000_000
