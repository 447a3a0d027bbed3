from __future__ import annotations

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalgate.core.errors import SuiteInvalid
from evalgate.suites.loading import load_suite
from tests.suites.scenes import CATALOGUE, SUPPORT, changed, complaint, load

PII = "{check: pii, countries: [br, es], ignore_echo: true}"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        # ── the top
        ("version: 1\n", "", "1: the suite has no 'version'; this evalgate reads version: 1"),
        ("version: 1", "version: 2", "1: this evalgate reads version: 1, not 2"),
        ("version: 1", "version: '1'", "1: this evalgate reads version: 1, not '1'"),
        ("version: 1", "version: true", "1: this evalgate reads version: 1, not true"),
        ("name: support\n", "", "1: the suite has no 'name'; name it after what it guards"),
        ("name: support", "name: 12", '2: name is text, not the number 12; write it in quotes: "12"'),
        ("name: support", "name: ''", "2: name is empty; write it or take the key out"),
        ("owner: owner@acme.example\n", "", "1: the suite has no 'owner'; name the one person who answers for it"),
        ("judge: gpt", "jugde: gpt", "9: unknown key 'jugde' in the suite. Did you mean 'judge'?"),
        ("uncalibrated: allow", "uncalibrated: true", "10: uncalibrated is allow, not true"),
        ("uncalibrated: allow", "uncalibrated: alow", "10: uncalibrated is allow, not 'alow'. Did you mean 'allow'?"),
        (
            "judge: gpt-4.1-mini",
            "zebra: {}",
            (
                "9: unknown key 'zebra' in the suite; known are: version, name, owner, deputy, data, judge,"
                " uncalibrated, checks, gates, policy, prices, traffic"
            ),
        ),
        ("name: support", "name: support\nname: again", "3: 'name' is written twice, on lines 2 and 3"),
        # ── data
        ("candidate: evals", "candidat: evals", "5: unknown key 'candidat' in data. Did you mean 'candidate'?"),
        (
            "  candidate: evals/candidate.jsonl\n",
            "",
            "4: data has no candidate; name the file of outputs, or give --candidate FILE",
        ),
        (
            "  baseline: evals/baseline.jsonl\n",
            "",
            (
                "15: gates.answers compares with a baseline, and the suite names none; add data.baseline or give"
                " --baseline"
            ),
        ),
        ("evals/baseline.jsonl", "{name: main}", "6: unknown key 'name' in data.baseline; known are: run, baseline"),
        ("evals/baseline.jsonl", "{}", "6: data.baseline is a path, {run: ID} or {baseline: NAME}"),
        (
            "evals/baseline.jsonl",
            "{run: 123456789012}",
            '6: data.baseline.run is text, not the number 123456789012; write it in quotes: "123456789012"',
        ),
        (
            "candidate: evals/candidate.jsonl",
            "target: {model: m}",
            "5: target is not available in this version; give data.candidate a file of recorded outputs",
        ),
        ("  slices:", "  target: {model: m}\n  slices:", "8: data has a candidate and a target; keep one of the two"),
        ("{input: prompt,", "{imput: prompt,", "7: unknown key 'imput' in data.columns. Did you mean 'input'?"),
        ("input: prompt", "input: 3", '7: data.columns.input is text, not the number 3; write it in quotes: "3"'),
        (
            "{input: prompt, output: response, cluster: session_id}",
            "[prompt, response]",
            "7: data.columns is a mapping of names to values, not a list",
        ),
        ("locale: lang", "a=b: lang", "8: the slice name 'a=b' holds '=', which separates names; use _ instead"),
        # ── checks
        (
            "check: pii",
            "check: pi",
            "12: unknown check 'pi'. Did you mean 'pii'? `evalgate checks list` names them all.",
        ),
        (
            "check: pii",
            "check: zebra",
            "12: unknown check 'zebra'; known are: banned_terms, length, pii, recorded, rubric",
        ),
        (
            "{rubric: answers_the_question}",
            "{rubric: a, check: pii}",
            "13: checks.answers says what marks the answers with check: or with rubric:, and has both",
        ),
        (
            "{rubric: answers_the_question}",
            "{language: es}",
            "13: checks.answers says what marks the answers with check: or with rubric:, and has neither",
        ),
        (
            "{rubric: answers_the_question}",
            "{check: rubric}",
            "13: checks.answers: write rubric: NAME instead of check: rubric",
        ),
        (
            "{rubric: answers_the_question}",
            "answers_the_question",
            "13: checks.answers is a mapping of names to values, not the text 'answers_the_question'",
        ),
        (
            "  answers: {rubric",
            "  answers.tone: {rubric",
            "13: the check name 'answers.tone' holds '.', which separates names; use _ instead",
        ),
        (
            "countries: [br, es]",
            "countrys: [br]",
            "12: unknown key 'countrys' in checks.no_pii (check 'pii'). Did you mean 'countries'?",
        ),
        ("[br, es]", "[br, pt]", "12: checks.no_pii.countries.1: this should be 'br' or 'es', not the text 'pt'"),
        ("[br, es]", "br", "12: checks.no_pii.countries: this should be a valid tuple, not the text 'br'"),
        ("ignore_echo: true", "ignore_echo: yes", "12: checks.no_pii.ignore_echo is true or false, not the text 'yes'"),
        ("ignore_echo: true", "ignore_echo: 1", "12: checks.no_pii.ignore_echo is true or false, not the number 1"),
        (PII, "{check: length}", "12: checks.no_pii (check 'length') needs 'longest'"),
        (PII, "{check: length, longest: '80'}", "12: checks.no_pii.longest is a number, not the text '80'"),
        (
            PII,
            "{check: length, longest: 0}",
            "12: checks.no_pii.longest: this should be greater than or equal to 1, not the number 0",
        ),
        (
            PII,
            "{check: recorded, column: c, range: [0, .nan]}",
            "12: .nan is not a number that can be compared; write a finite one",
        ),
        (
            PII,
            "{check: recorded, column: c, range: ['0', 1]}",
            "12: checks.no_pii.range.0 is a number, not the text '0'",
        ),
        # ── gates
        (
            "  no_pii: {never: any}",
            "  no_pi: {never: any}",
            "15: unknown metric 'no_pi' in gates. Did you mean 'no_pii'?",
        ),
        (
            "  answers: {at_least: 0.85, no_worse_than: 0.06, by: locale}",
            "  answers.tone: {at_least: 0.85}",
            "16: unknown metric 'answers.tone' in gates. Did you mean 'answers'?",
        ),
        (
            "{rubric: answers_the_question}",
            "{rubric: tone_and_help}",
            "16: 'answers' has several criteria; gate them by name: answers.tone, answers.help",
        ),
        (
            "  no_pii: {never: any}\n",
            "",
            "12: no gate reads the check 'no_pii'; add gates.no_pii or say advisory: true on the check",
        ),
        (
            "ignore_echo: true",
            "advisory: true",
            "15: the check 'no_pii' is advisory: true, so no gate reads it; take one of the two out",
        ),
        ("{never: any}", "{never: always}", "15: gates.no_pii.never is any or new, not 'always'"),
        ("{never: any}", "{never: true}", "15: gates.no_pii.never is any or new, not true"),
        (
            "{never: any}",
            "{}",
            (
                "15: gates.no_pii demands nothing; add one of: never, at_least, at_most, no_worse_than,"
                " better_than_baseline, production"
            ),
        ),
        (
            "{never: any}",
            "[]",
            (
                "15: gates.no_pii demands nothing; known rules are: never, at_least, at_most, no_worse_than,"
                " better_than_baseline, production"
            ),
        ),
        (
            "{never: any}",
            "{never: any, coverge: 1}",
            "15: unknown key 'coverge' in gates.no_pii. Did you mean 'coverage'?",
        ),
        (
            "{never: any}",
            "{never: any, calibrate: 90}",
            "15: unknown key 'calibrate' in gates.no_pii. Did you mean 'calibrated'?",
        ),
        (
            "{never: any}",
            "{never: any, calibrated: true}",
            "15: gates.no_pii.calibrated is about judges that people measure, and 'pii' is none; take it out",
        ),
        (
            "{never: any}",
            "{never: any, corrected: true}",
            "15: gates.no_pii.corrected is about judges that people measure, and 'pii' is none; take it out",
        ),
        (
            "no_worse_than: 0.06",
            "calibrated: {max_age_days: 0}",
            "16: gates.answers.calibrated.max_age_days is a whole number of days from 1 to 3650, not 0",
        ),
        (
            "no_worse_than: 0.06",
            "calibrated: {agreement: 6}",
            "16: gates.answers.calibrated.agreement is a share from 0 to 1, not 6; 6 % is written 0.06",
        ),
        (
            "no_worse_than: 0.06",
            "calibrated: {agrement: 0.6}",
            "16: unknown key 'agrement' in gates.answers.calibrated. Did you mean 'agreement'?",
        ),
        ("no_worse_than: 0.06", "corrected: 1", "16: gates.answers.corrected is true or false, not the number 1"),
        (
            "at_least: 0.85",
            "production: {days: 7}",
            "16: gates.answers.production has no floor; write {at_least: 0.8, days: 7}",
        ),
        (
            "at_least: 0.85",
            "production: 0.8",
            "16: gates.answers.production is a mapping of names to values, not the number 0.8",
        ),
        (
            "at_least: 0.85",
            "production: {at_least: 0.8, days: 91}",
            "16: gates.answers.production.days is a whole number of days from 1 to 90, not 91",
        ),
        (
            "at_least: 0.85",
            "production: {at_least: 0.8, days: true}",
            "16: gates.answers.production.days is a whole number of days from 1 to 90, not true",
        ),
        ("at_least: 0.85", "at_least: '0.85'", "16: gates.answers.at_least is a number, not the text '0.85'"),
        ("at_least: 0.85", "at_least: true", "16: gates.answers.at_least is a number, not true"),
        (
            "at_least: 0.85",
            "at_least: 85",
            "16: gates.answers.at_least is a share from 0 to 1, not 85; 85 % is written 0.85",
        ),
        ("at_least: 0.85", "at_least: -1", "16: gates.answers.at_least is a share from 0 to 1, not -1"),
        ("at_least: 0.85", "at_least: .nan", "16: .nan is not a number that can be compared; write a finite one"),
        (
            "no_worse_than: 0.06",
            "no_worse_than: 0",
            (
                "16: gates.answers.no_worse_than is a tolerated loss above 0, not 0; to allow none, use"
                " better_than_baseline: true"
            ),
        ),
        (
            "no_worse_than: 0.06",
            "no_worse_than: -0.1",
            (
                "16: gates.answers.no_worse_than is a tolerated loss above 0, not -0.1; to allow none, use"
                " better_than_baseline: true"
            ),
        ),
        (
            "no_worse_than: 0.06",
            "better_than_baseline: false",
            "16: gates.answers.better_than_baseline: false demands nothing; take it out",
        ),
        (
            "by: locale",
            "by: local",
            "16: unknown slice 'local' in gates.answers.by (data.slices declares them). Did you mean 'locale'?",
        ),
        ("by: locale", "by: []", "16: gates.answers.by names no slice; take it out or name one of data.slices"),
        ("by: locale", "by: locale, require: all", "16: gates.answers.require is no_fail or each, not 'all'"),
        ("by: locale", "require: each", "16: gates.answers.require is about slices; add by: or take it out"),
        ("by: locale", "advisory: maybe", "16: gates.answers.advisory is true or false, not the text 'maybe'"),
        # ── policy
        (
            "{on_inconclusive: block,",
            "{alpha: 0.2,",
            "17: policy.alpha is fixed at 0.05, one-sided, for every suite; take it out",
        ),
        ("on_inconclusive: block", "on_inconclusive: pass", "17: policy.on_inconclusive is block or fail, not 'pass'"),
        ("spend_cap_usd: 5", "spend_cap_usd: -5", "17: policy.spend_cap_usd is at least 0, not -5"),
        ("spend_cap_usd: 5", "spend_cap_usd: '5'", "17: policy.spend_cap_usd is a number, not the text '5'"),
        (
            "spend_cap_usd: 5",
            "advisory_until: 31/03/2026",
            "17: policy.advisory_until is a day like 2026-03-31, not '31/03/2026'",
        ),
        (
            "spend_cap_usd: 5",
            "advisory_until: 2026-02-30",
            "17: policy.advisory_until is a day like 2026-03-31, not '2026-02-30'",
        ),
        (
            "spend_cap_usd: 5",
            "advisory_until: 20260331",
            "17: policy.advisory_until is a day like 2026-03-31, not 20260331",
        ),
        ("policy:", "polcy:", "17: unknown key 'polcy' in the suite. Did you mean 'policy'?"),
        (
            "policy: {on_inconclusive: block, spend_cap_usd: 5}",
            "prices: {m: {input: 1}}",
            "17: prices.m is {input: X, output: Y}, US dollars per million tokens",
        ),
        (
            "policy: {on_inconclusive: block, spend_cap_usd: 5}",
            "prices: {m: {input: 1, output: -1}}",
            "17: prices.m.output is at least 0, not -1",
        ),
    ],
)
def test_what_is_wrong_with_a_suite_is_one_line(tmp_path, old, new, line):
    with pytest.raises(SuiteInvalid) as refused:
        load(tmp_path, changed((old, new)))
    assert str(refused.value) == f"{tmp_path}/suite.yaml:{line}"
    assert refused.value.exit_code == 2


def test_never_and_at_most_need_marks_of_0_and_1(tmp_path):
    scored = (PII, "{check: recorded, column: score}")
    tolerant = changed(scored, ("{never: any}", "{at_most: 0.01}"))
    ways_out = "use at_least, no_worse_than or better_than_baseline"
    assert complaint(lambda: load(tmp_path, changed(scored))) == (
        f"{tmp_path}/suite.yaml:15: gates.no_pii.never counts violations, and 'recorded' gives more than 0 and 1;"
        f" {ways_out}"
    )
    assert complaint(lambda: load(tmp_path, tolerant)) == (
        f"{tmp_path}/suite.yaml:15: gates.no_pii.at_most counts violations, and 'recorded' gives more than 0 and 1;"
        f" {ways_out}"
    )


def test_a_suite_that_could_stop_nothing_is_refused(tmp_path):
    gates = ("{never: any}", "{never: any, advisory: true}"), ("by: locale", "advisory: true")
    assert complaint(lambda: load(tmp_path, changed(*gates))) == (
        f"{tmp_path}/suite.yaml:14: no gate counts, so nothing could stop a deploy; add a gate without advisory: true"
    )


def test_a_suite_without_gates_is_refused(tmp_path):
    text = SUPPORT[: SUPPORT.index("gates:")]
    assert complaint(lambda: load(tmp_path, text)) == (
        f"{tmp_path}/suite.yaml:1: the suite has no 'gates', so nothing could stop a deploy; add a gate"
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_suite_says_how_to_start(tmp_path, text):
    assert complaint(lambda: load(tmp_path, text)) == (
        f"{tmp_path}/suite.yaml:1: the suite is empty; `evalgate init --from FILE` writes one"
    )


def test_the_same_demand_twice_is_refused_with_both_lines(tmp_path):
    text = changed(("{never: any}", "\n    - {never: any}\n    - {never: new, coverage: 1}"))
    assert complaint(lambda: load(tmp_path, text)) == (
        f"{tmp_path}/suite.yaml:17: no_pii.never is demanded twice, on lines 16 and 17; keep the stricter one"
    )


# ── junk ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

WORDS = st.sampled_from(
    [
        *SUPPORT.replace(":", " ").replace(",", " ").replace("{", " ").replace("}", " ").split(),
        "recorded",
        "tone_and_help",
    ]
)
LEAVES = WORDS | st.none() | st.booleans() | st.integers(-3, 100) | st.floats(-2, 2) | st.text(max_size=5)
JUNK = st.recursive(LEAVES, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(WORDS, inside, max_size=4))
SECTIONS = st.sampled_from(
    ["version", "name", "owner", "data", "judge", "uncalibrated", "checks", "gates", "policy", "prices"]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(SECTIONS, JUNK, max_size=3), st.booleans())
def test_junk_is_a_suite_or_one_line(tmp_path, junk, keep):
    path = tmp_path / "junk.yaml"
    sound = yaml.safe_load(SUPPORT)
    path.write_text(yaml.safe_dump({**sound, **junk} if keep else junk, allow_unicode=True), encoding="utf-8")
    assert "\n" not in complaint(lambda: load_suite(path, CATALOGUE))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["data", "checks", "gates", "policy"]), st.data())
def test_junk_inside_a_section_is_a_suite_or_one_line(tmp_path, section, data):
    path = tmp_path / "junk.yaml"
    sound = yaml.safe_load(SUPPORT)
    name = data.draw(st.sampled_from(sorted(sound[section])))
    sound[section][name] = data.draw(JUNK)
    path.write_text(yaml.safe_dump(sound, allow_unicode=True), encoding="utf-8")
    assert "\n" not in complaint(lambda: load_suite(path, CATALOGUE))
