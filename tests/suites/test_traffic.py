"""`traffic:` is read strictly: what it says, its defaults, and one line for everything that is wrong in it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from jsonschema import Draft202012Validator

from evalgate.core.errors import SuiteInvalid
from evalgate.documents import parse_document
from evalgate.suites.defaults import defaults_of
from evalgate.suites.schema import suite_schema
from evalgate.suites.traffic import AlertSpec, SlackTarget, TrafficSpec, WebhookTarget
from tests.suites.scenes import CATALOGUE, SUPPORT, load

WATCHED = """\
traffic:
  every: 30m
  wait: 90s
  where: {route: [chat, voice]}
  strata:
    complained: {when: {feedback: down}, judge: 1.0, people: 0.2}
    flagged: {when: {check_hit: [no_pii], language: es}, judge: 0.3, people: 0.03}
    rest: {judge: 0.03, people: 0.003, classifier: 0.5}
  control: 0.02
  by: [release, language]
  queue: triage
  spend_cap_usd_a_month: 40
  keep_text_days: 14
  alerts:
    answers: [{at_least: 0.8, windows_per_false_alarm: 100, by: release}, {at_least: 0.85}]
    no_pii: {at_least: 0.99}
  silence: 4
  notify:
    oncall: {webhook: https://hooks.example.org/evalgate, secret: {env: HOOK_SECRET}}
    night: {webhook: {env: NIGHT_URL}, secret: {env: HOOK_SECRET}}
    team: {slack: {env: SLACK_URL}}
"""
FIRST = SUPPORT.count("\n")
"""Lines before `traffic:`."""


def edited(old, new):
    assert WATCHED.count(old) == 1, old
    return SUPPORT + WATCHED.replace(old, new)


def test_what_is_written_is_read(tmp_path):
    spec = load(tmp_path, SUPPORT + WATCHED).traffic or TrafficSpec()
    assert (spec.every, spec.wait) == (timedelta(minutes=30), timedelta(seconds=90))
    assert spec.where == {"route": ("chat", "voice")}
    assert [(stratum.name, stratum.when) for stratum in spec.strata] == [
        ("complained", {"feedback": ("down",)}),
        ("flagged", {"check_hit": ("no_pii",), "language": ("es",)}),
        ("rest", {}),
    ]
    assert spec.alerts == (
        AlertSpec(metric="answers", floor=0.8, wanted=100, by="release"),
        AlertSpec(metric="answers", floor=0.85),
        AlertSpec(metric="no_pii", floor=0.99),
    )
    assert spec.notify == (
        WebhookTarget(name="oncall", url="https://hooks.example.org/evalgate", secret_env="HOOK_SECRET"),
        WebhookTarget(name="night", url_env="NIGHT_URL", secret_env="HOOK_SECRET"),
        SlackTarget(name="team", url_env="SLACK_URL"),
    )
    assert (spec.queue, spec.keep_text_days, spec.silence, spec.spend_cap_usd_a_month) == ("triage", 14, 4, 40)


def test_the_control_slice_raises_classifiers_and_judges_and_never_people(tmp_path):
    *_, rest = (load(tmp_path, SUPPORT + WATCHED).traffic or TrafficSpec()).strata
    assert rest.phases(0.02).chances == (0.5, 0.03, 0.003)
    assert rest.phases(0.1).chances == (0.5, 0.1, 0.003)


def test_an_empty_traffic_watches_by_printed_defaults(tmp_path):
    suite = load(tmp_path, SUPPORT + "traffic: {}\n")
    assert suite.traffic == TrafficSpec()
    printed = {key: value for key, value in defaults_of(suite) if key.startswith("traffic.")}
    assert (printed["traffic.every"], printed["traffic.wait"], printed["traffic.strata.rest.judge"]) == (
        "1h",
        "2m",
        0.03,
    )


def test_watching_does_not_change_what_a_suite_decides(tmp_path):
    assert load(tmp_path, SUPPORT + WATCHED).digest == load(tmp_path, SUPPORT).digest


def test_the_schema_takes_what_the_loader_takes_and_refuses_a_stranger():
    validator = Draft202012Validator(suite_schema(CATALOGUE))
    told = [
        list(validator.iter_errors(parse_document(text.encode(), "s").data))
        for text in (
            SUPPORT + WATCHED,
            SUPPORT + "traffic: {}\n",
            edited("silence: 4", "silense: 4"),
            edited("feedback: down", "feedback: sideways"),
        )
    ]
    assert [bool(errors) for errors in told] == [False, False, True, True]


WINDOW = "traffic.every is 1m to 7d: whole minutes that divide a day, or whole days"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("every: 30m", "evry: 30m", 2, "unknown key 'evry' in traffic. Did you mean 'every'?"),
        ("every: 30m", "every: 30", 2, "traffic.every is a span of time like 30s, 5m, 1h or 1d, not 30"),
        ("every: 30m", "every: 0m", 2, f"{WINDOW}; not '0m'"),
        ("every: 30m", "every: 7m", 2, f"{WINDOW}; not '7m'"),
        ("every: 30m", "every: 90s", 2, f"{WINDOW}; not '90s'"),
        ("every: 30m", "every: 36h", 2, f"{WINDOW}; not '36h'"),
        ("every: 30m", "every: 8d", 2, f"{WINDOW}; not '8d'"),
        ("wait: 90s", "wait: 2d", 3, "traffic.wait is at most 1d, not '2d'"),
        ("{route: [chat", "{rout: [chat", 4, "unknown key 'rout' in traffic.where. Did you mean 'route'?"),
        ("[chat, voice]", "[]", 4, "traffic.where.route names no value; write one or take the key out"),
        (
            "[chat, voice]",
            "2026.1",
            4,
            ('traffic.where.route is text, not the number 2026.1; write it in quotes: "2026.1"'),
        ),
        (
            "feedback: down",
            "feedback: dwon",
            6,
            "traffic.strata.complained.when.feedback is up or down, not 'dwon'. Did you mean 'down'?",
        ),
        (
            "check_hit: [no_pii]",
            "check_hit: [no_pi]",
            7,
            "unknown code check 'no_pi' in traffic.strata.flagged.when.check_hit.0. Did you mean 'no_pii'?",
        ),
        (
            "check_hit: [no_pii]",
            "check_hit: answers",
            7,
            "unknown code check 'answers' in traffic.strata.flagged.when.check_hit; known are: no_pii",
        ),
        (
            "rest: {judge",
            "rest: {when: {error: yes}, judge",
            8,
            (
                "traffic.strata.rest is the last stratum and takes the rest; take its when: out,"
                " or add a stratum without one"
            ),
        ),
        (
            "complained: {when: {feedback: down}, ",
            "complained: {",
            6,
            "traffic.strata.complained takes everything, and strata after it get nothing; add when: or put it last",
        ),
        (
            "classifier: 0.5}",
            "classifier: 0.01}",
            8,
            (
                "traffic.strata.rest: a phase takes 0.03 of what the one before it takes 0.02 of"
                " (the order is classifier, judge, people)"
            ),
        ),
        (
            "people: 0.003",
            "people: 0.001",
            8,
            (
                "traffic.strata.rest: a phase takes 0.001; take 0.002 at least, or nothing"
                " (the order is classifier, judge, people)"
            ),
        ),
        (
            "judge: 1.0",
            "judge: 100",
            6,
            ("traffic.strata.complained.judge is a share from 0 to 1, not 100; 100 % is written 1"),
        ),
        (
            "control: 0.02",
            "control: 0.001",
            9,
            (
                "traffic.control: a phase takes 0.001; take 0.002 at least, or nothing"
                " (the order is classifier, judge, people)"
            ),
        ),
        ("[release, language]", "[relaese]", 10, "unknown fact 'relaese' in traffic.by.0. Did you mean 'release'?"),
        (
            "  queue: triage\n",
            "",
            6,
            "traffic.strata.complained.people sends items to people, and traffic.queue names no queue; add it",
        ),
        (
            "keep_text_days: 14",
            "keep_text_days: 0",
            13,
            ("traffic.keep_text_days is a whole number of days from 1 to 3,650, not 0"),
        ),
        ("    no_pii: {at", "    no_pi: {at", 16, "unknown metric 'no_pi' in traffic.alerts. Did you mean 'no_pii'?"),
        ("no_pii: {at_least: 0.99}", "no_pii: {}", 16, "traffic.alerts.no_pii has no floor; add at_least:"),
        (
            "windows_per_false_alarm: 100",
            "windows_per_false_alarm: 1",
            15,
            "traffic.alerts.answers.0.windows_per_false_alarm is above 1 and at most 1,000,000, not 1",
        ),
        (
            "by: release}",
            "by: route}",
            15,
            "traffic.alerts.answers.0.by watches 'route', which is not estimated; name it in traffic.by too",
        ),
        (", by: release}", "}", 15, "answers is watched twice by all; keep one of the two"),
        (
            "https://hooks.example.org/evalgate",
            "hooks.example.org",
            19,
            (
                "traffic.notify.oncall.webhook is an address like https://hooks.example.org/evalgate,"
                " not 'hooks.example.org'"
            ),
        ),
        (
            "https://hooks",
            "https://me:pw@hooks",
            19,
            "traffic.notify.oncall.webhook carries a password; write {env: NAME}, the variable that holds the address",
        ),
        (
            "evalgate, secret: {env: HOOK_SECRET}}",
            "evalgate}",
            19,
            "traffic.notify.oncall has no secret, with which messages are signed; add secret: {env: NAME}",
        ),
        (
            "slack: {env: SLACK_URL}",
            "slack: https://hooks.slack.example/T1",
            21,
            "traffic.notify.team.slack: the address is a secret; write {env: NAME}, the variable that holds it",
        ),
        (
            "{env: NIGHT_URL}",
            "{env: 'A B'}",
            20,
            ("traffic.notify.night.webhook.env is the name of a variable, not 'A B'"),
        ),
    ],
)
def test_what_is_wrong_with_traffic_is_one_line(tmp_path, old, new, line, message):
    with pytest.raises(SuiteInvalid) as refused:
        load(tmp_path, edited(old, new))
    assert str(refused.value) == f"{tmp_path}/suite.yaml:{FIRST + line}: {message}"
