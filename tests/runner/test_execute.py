"""A run: every sample marked once, every answer kept, nothing paid twice, whatever goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

import pytest

from evalgate.checks.privacy.masking import Masker
from evalgate.core.checks import Check
from evalgate.core.errors import ServiceBroke
from evalgate.core.models import Interrupted, Overloaded, Rejected, Unusable
from evalgate.core.outcomes import Mark, NotApplicable, Unscored
from evalgate.core.samples import Sample
from evalgate.runner.execute import Totals, mark_with_code, mark_with_judges
from evalgate.runner.marking import Item, Marker, Named
from evalgate.runner.ports import Answer, Marked
from evalgate.wiring.app import Silence
from tests.runner.scripted import (
    Asks,
    Explodes,
    MemoryJournal,
    MemorySink,
    ScriptedJudge,
    ShortEnough,
    judging,
    sample,
)

CHECKS: Mapping[str, Check] = {"short": ShortEnough(), "good": Asks()}


def marker(checks: Mapping[str, Check] = CHECKS) -> Marker:
    return Marker(Named.all_of(checks), Masker(), b"secret")


def items(samples: Sequence[Sample]) -> Iterator[Item]:
    return (Item.fresh(position, one) for position, one in enumerate(samples))


def judged(
    samples: Sequence[Sample], judge: ScriptedJudge, journal: MemoryJournal, sink: MemorySink, cap_usd: float = 100.0
) -> Totals:
    work = mark_with_judges(items(samples), marker(), sink, judging(judge, journal, cap_usd), Silence())
    return asyncio.run(work)


def test_every_sample_is_marked_once_by_every_check() -> None:
    sink = MemorySink()
    totals = judged([sample(i) for i in range(100)], ScriptedJudge(), MemoryJournal(), sink)
    assert totals.samples == 100
    assert sorted(marked.position for marked in sink.marked) == list(range(100))
    assert {len(marked.outcomes) for marked in sink.marked} == {2}
    assert totals.judge_models == {"scripted-1"}


def test_many_questions_are_in_flight_and_never_more_than_allowed() -> None:
    judge = ScriptedJudge(turns=20)
    judged([sample(i) for i in range(100)], judge, MemoryJournal(), MemorySink())
    assert judge.most_in_flight == 8


def test_the_same_question_is_asked_once_and_answers_every_sample_that_asks_it() -> None:
    judge, sink = ScriptedJudge(lambda _: "0.5", turns=50), MemorySink()
    totals = judged([sample(i, "the same answer") for i in range(40)], judge, MemoryJournal(), sink)
    assert len(judge.asked) == totals.answered == 1
    values = [o.result.value for o in sink.outcomes("good").values() if isinstance(o.result, Mark)]
    assert values == [0.5] * 40


def test_what_the_journal_knows_is_not_asked_again() -> None:
    journal, first, second = MemoryJournal(), ScriptedJudge(), ScriptedJudge()
    judged([sample(i) for i in range(50)], first, journal, MemorySink())
    sink = MemorySink()
    totals = judged([sample(i) for i in range(60)], second, journal, sink)
    assert (totals.recalled, totals.answered, len(second.asked)) == (50, 10, 10)
    assert len(sink.marked) == 60


def test_an_answer_that_arrives_while_samples_are_prepared_is_not_paid_twice() -> None:
    samples = [sample(i, f"text {i % 7}") for i in range(300)]
    judge = ScriptedJudge(turns=0)
    judged(samples, judge, MemoryJournal(), MemorySink())
    assert len(judge.asked) == len(set(judge.asked)) == 7


def test_a_crashing_check_is_unscored_and_the_run_goes_on() -> None:
    sink = MemorySink()
    samples = [sample(0, "boom"), sample(1, "fine")]
    mark_with_code(items(samples), marker({"x": Explodes()}), sink, Silence())
    found = sink.outcomes("x")
    assert isinstance(found["c-000"].result, Unscored)
    assert found["c-000"].result.reason == "crashed"
    assert isinstance(found["c-001"].result, Mark)


def test_an_unreadable_reply_crashes_nobody() -> None:
    sink = MemorySink()
    judged([sample(0)], ScriptedJudge(lambda _: "not a number"), MemoryJournal(), sink)
    result = sink.outcomes("good")["c-000"].result
    assert isinstance(result, Unscored)


def test_where_makes_other_cases_not_applicable_and_asks_nobody() -> None:
    judge, sink = ScriptedJudge(), MemorySink()
    checks = {"good": Asks(where={"lang": "es"})}
    work = mark_with_judges(items([sample(0)]), marker(checks), sink, judging(judge, MemoryJournal()), Silence())
    asyncio.run(work)
    assert isinstance(sink.outcomes("good")["c-000"].result, NotApplicable)
    assert judge.asked == []


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [(Rejected("too long"), "refused"), (Interrupted("cut"), "unavailable"), (Overloaded("busy"), "unavailable")],
)
def test_a_question_without_an_answer_is_unscored_with_its_reason(trouble: Exception, reason: str) -> None:
    sink = MemorySink()
    judged([sample(0)], ScriptedJudge(lambda _: trouble), MemoryJournal(), sink)
    result = sink.outcomes("good")["c-000"].result
    assert isinstance(result, Unscored)
    assert (result.reason, result.detail) == (reason, str(trouble))


def test_a_wrong_key_stops_the_run_and_keeps_what_was_answered() -> None:
    journal = MemoryJournal()

    def answer(text: str) -> str | Exception:
        return Unusable("OPENAI_API_KEY was refused") if "answer 30" in text else "1"

    with pytest.raises(Unusable, match="OPENAI_API_KEY was refused"):
        judged([sample(i) for i in range(60)], ScriptedJudge(answer), journal, MemorySink())
    assert len(journal.bodies) >= 20


def test_the_spend_cap_leaves_the_rest_unscored_and_is_never_exceeded() -> None:
    judge, sink = ScriptedJudge(), MemorySink()
    work = judging(judge, MemoryJournal(), cap_usd=0.0012)
    totals = asyncio.run(mark_with_judges(items([sample(i) for i in range(80)]), marker(), sink, work, Silence()))
    reasons = [o.result.reason for o in sink.outcomes("good").values() if isinstance(o.result, Unscored)]
    assert totals.over_budget
    assert 30 < len(judge.asked) < 80
    assert set(reasons) == {"over_budget"}
    assert work.spending.spent_usd <= 0.0012


class FullDisk:
    """A journal on a disk that is full after a while."""

    def __init__(self) -> None:
        self.kept = 0

    def recall(self, keys: Sequence[str]) -> dict[str, bytes]:
        return {}

    def keep(self, answers: Sequence[Answer]) -> None:
        self.kept += len(answers)
        if self.kept > 10:
            message = "the disk is full"
            raise ServiceBroke(message)


def test_a_full_disk_stops_the_run_with_its_own_words() -> None:
    work = judging(ScriptedJudge(), FullDisk())  # type: ignore[arg-type]
    run = mark_with_judges(items([sample(i) for i in range(200)]), marker(), MemorySink(), work, Silence())
    with pytest.raises(ServiceBroke, match="the disk is full"):
        asyncio.run(run)


def test_a_run_that_is_cancelled_keeps_what_was_answered() -> None:
    journal, judge = MemoryJournal(), ScriptedJudge(turns=3)

    async def scene() -> None:
        work = mark_with_judges(
            items([sample(i) for i in range(500)]), marker(), MemorySink(), judging(judge, journal), Silence()
        )
        task = asyncio.create_task(work)
        while len(judge.asked) < 100:  # noqa: ASYNC110 - it is the loop itself that is waited for
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
    assert len(journal.bodies) >= 100 - 2 * 8


def test_what_is_kept_is_masked_and_what_is_checked_is_raw() -> None:
    sink = MemorySink()
    text = "Seu CPF é 529.982.247-25 e o e-mail ana@acme.example"
    mark_with_code(items([sample(0, text)]), marker({"short": ShortEnough(most=5)}), sink, Silence())
    marked: Marked = sink.marked[0]
    assert "529" not in repr(marked)
    assert "ana@" not in repr(marked)
    assert marked.sample_digest == sample(0, text).digest


def test_a_nonce_is_the_same_on_resume_and_differs_between_stores() -> None:
    one = Named.all_of({"good": Asks()})[0]
    mine, again = marker(), marker()
    other = Marker(Named.all_of(CHECKS), Masker(), b"another secret")
    assert mine.nonce(sample(1), one.ref) == again.nonce(sample(1), one.ref)
    assert mine.nonce(sample(1), one.ref) != other.nonce(sample(1), one.ref)
    assert mine.nonce(sample(1), one.ref) != mine.nonce(sample(2), one.ref)


class Ledger(MemoryJournal):
    """A journal that knows which answers have left the judge and are not kept yet."""

    def __init__(self, judge: ScriptedJudge) -> None:
        super().__init__()
        self.judge = judge
        self.most_unkept = 0

    def keep(self, answers: Sequence[Answer]) -> None:
        self.most_unkept = max(self.most_unkept, len(self.judge.asked) - len(self.bodies))
        super().keep(answers)


def test_no_question_is_sent_while_an_answer_in_hand_is_not_durable() -> None:
    judge = ScriptedJudge(turns=0)
    ledger = Ledger(judge)
    judged([sample(i) for i in range(400)], judge, ledger, MemorySink())
    assert len(ledger.bodies) == 400
    assert ledger.most_unkept <= 8
