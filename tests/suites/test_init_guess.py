from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalgate.core.gates import Never, NoWorseThan
from evalgate.documents import parse_document
from evalgate.suites.init_guess import guess_columns
from evalgate.suites.loading import load_suite
from evalgate.suites.writing import Answers, RecordedScore, quoted, write_suite
from evalgate.wiring.catalogue import all_checks
from tests.suites.scenes import as_csv, jsonl, load


def found(guesses):
    return {guess.field: (guess.column, guess.certainty) for guess in (*guesses.fields, *guesses.slices)}


def conversations(names, number=12):
    """Give rows of three to a conversation, in two languages, under the given column names."""
    case, asked, said, session, language = names
    return [
        {
            case: f"c-{n}",
            asked: f"¿Cómo cancelo mi plan número {n}, por favor?",
            said: "Puede cancelarlo en la página de su cuenta.",
            session: f"s-{n // 3}",
            language: ("es", "pt-BR")[n % 2],
        }
        for n in range(number)
    ]


@pytest.mark.parametrize(
    "names",
    [
        ("case_id", "prompt", "response", "session_id", "lang"),
        ("Identificador", "Pregunta", "Respuesta", "ID Sesión", "Idioma"),
        ("código", "pergunta", "resposta", "sessão", "língua"),
        ("exampleId", "userInput", "modelOutput", "conversationId", "language"),
    ],
)
def test_columns_are_guessed_by_name_in_three_languages(tmp_path, names):
    guesses = guess_columns(jsonl(tmp_path / "a.jsonl", *conversations(names)))
    case, asked, said, session, language = names
    assert found(guesses) == {
        "id": (case, "likely"),
        "input": (asked, "likely"),
        "output": (said, "likely"),
        "cluster": (session, "likely"),
        "locale": (language, "likely"),
    }
    assert guesses.countries == ("br", "es")


def test_a_column_that_bears_the_fields_own_name_is_sure(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", *conversations(("id", "input", "output", "cluster", "locale")))
    assert {field: certainty for field, (_, certainty) in found(guess_columns(path)).items()} == {
        "id": "sure",
        "input": "sure",
        "output": "sure",
        "cluster": "sure",
        "locale": "likely",
    }


def test_an_answer_beside_an_output_is_left_for_the_reference(tmp_path):
    rows = [{"id": n, "question": "q", "output": "o", "answer": "a", "expected": "e"} for n in range(3)]
    guesses = guess_columns(jsonl(tmp_path / "a.jsonl", *rows))
    assert (guesses.column("output"), guesses.column("reference")) == ("output", "expected")


def test_a_name_alone_is_not_enough(tmp_path):
    rows = [
        {"id": "same", "key": n, "prompt": "q", "response": "a", "date": "tomorrow", "model": "m"} for n in range(3)
    ]
    guesses = guess_columns(jsonl(tmp_path / "a.jsonl", *rows))
    assert guesses.column("id") == "key"
    assert guesses.column("created_at") is None
    assert guesses.column("model") == "model"


def test_without_names_content_gives_an_unsure_guess(tmp_path):
    rows = [
        {"a": f"{n}", "b": f"a question that is long enough {n}", "c": "an answer that is long too"} for n in range(4)
    ]
    assert found(guess_columns(as_csv(tmp_path / "a.csv", *rows))) == {
        "id": ("a", "unsure"),
        "input": ("b", "unsure"),
        "output": ("c", "unsure"),
    }


def test_what_no_one_can_know_is_listed_with_the_reason(tmp_path):
    guesses = guess_columns(jsonl(tmp_path / "a.jsonl", {"x": "same"}, {"x": "same"}))
    assert list(guesses.unknown) == ["owner", "judge", "margin", "id", "input", "output", "cluster", "revision"]
    assert guesses.unknown["cluster"] == (
        "no column says which rows belong together, as a conversation does; each case counts as independent"
    )


def test_a_conversation_of_one_row_each_is_an_unsure_cluster(tmp_path):
    rows = [{"id": n, "input": "q", "output": "a", "session_id": f"s{n}"} for n in range(5)]
    assert found(guess_columns(jsonl(tmp_path / "a.jsonl", *rows)))["cluster"] == ("session_id", "unsure")


def test_slices_have_a_few_values(tmp_path):
    rows = [
        {"id": n, "input": "q", "output": "a", "category": f"k{n % 3}", "topic": f"t{n}", "channel": "web"}
        for n in range(30)
    ]
    (guess,) = guess_columns(jsonl(tmp_path / "a.jsonl", *rows)).slices
    assert (guess.field, guess.column, guess.certainty, guess.why) == (
        "category",
        "category",
        "unsure",
        "3 values: k0, k1, k2",
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 0.5, 1], [(0, 1, "likely")]),
        ([1, 3, 5], [(1, 5, "unsure")]),
        ([0.5, "high", 1], []),
        ([True, False, True], []),
        ([2, 2, 2], []),
    ],
)
def test_scores_are_noticed_with_their_range(tmp_path, values, expected):
    rows = [{"id": n, "input": "q", "output": "a", "Puntuación": value} for n, value in enumerate(values)]
    scores = guess_columns(jsonl(tmp_path / "a.jsonl", *rows)).scores
    assert [(score.low, score.high, score.certainty) for score in scores] == expected


def test_numbers_in_a_csv_are_scores_too(tmp_path):
    rows = [{"id": n, "input": "q", "output": "a", "score": value} for n, value in enumerate(["0.1", "0.9"])]
    (score,) = guess_columns(as_csv(tmp_path / "a.csv", *rows)).scores
    assert (score.column, score.low, score.high) == ("score", 0, 1)


# ── the suite that follows ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_written_suite_loads_and_says_what_was_answered(tmp_path):
    path = jsonl(tmp_path / "salida.jsonl", *conversations(("id", "pregunta", "respuesta", "sesión", "idioma")))
    guesses = guess_columns(path)
    text = write_suite(
        Answers(
            name="atención",
            owner="Júlia <julia@acme.example>",
            candidate="../salida.jsonl",
            columns={guess.field: guess.column for guess in guesses.fields},
            slices={guess.field: guess.column for guess in guesses.slices},
            judge="gpt-4.1-mini",
            countries=guesses.countries,
            by=("locale",),
            margin=0.07,
        )
    )
    (tmp_path / "suite.yaml").write_text(text, encoding="utf-8")
    suite = load_suite(tmp_path / "suite.yaml", all_checks())
    assert (suite.name, suite.owner, suite.judge, suite.uncalibrated) == (
        "atención",
        "Júlia <julia@acme.example>",
        "gpt-4.1-mini",
        True,
    )
    assert suite.data.columns == {"input": "pregunta", "output": "respuesta", "cluster": "sesión"}
    assert suite.data.slices == {"locale": "idioma"}
    assert [gate.rules for gate in suite.gates] == [(Never(scope="new"),), (NoWorseThan(margin=0.07),)]
    assert suite.gates[1].by == ("locale",)


def test_without_a_judge_the_suite_loads_and_says_how_to_add_one():
    text = write_suite(Answers(name="s", owner="o", candidate="c.jsonl", baseline="b.jsonl", margin=0.1))
    assert list(parse_document(text.encode(), "s").data["checks"]) == ["no_pii"]
    assert "# judge: MODEL" in text


ANY = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip)
NAMED = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.builds(
        Answers,
        name=ANY,
        owner=ANY,
        candidate=NAMED,
        baseline=st.none() | NAMED,
        columns=st.dictionaries(st.sampled_from(["id", "input", "output", "cluster"]), ANY),
        slices=st.just({"locale": "lang"})
        | st.dictionaries(NAMED, ANY, min_size=1).map(lambda made: made | {"locale": "x"}),
        judge=st.none() | ANY,
        countries=st.sampled_from([(), ("br",), ("br", "es")]),
        by=st.sampled_from([(), ("locale",)]),
        score=st.none() | st.builds(RecordedScore, column=ANY, low=st.just(0), high=st.integers(1, 9)),
        margin=st.floats(0.001, 1),
    )
)
def test_whatever_is_answered_the_written_suite_loads(tmp_path, answers):
    suite = load(tmp_path, write_suite(answers))
    assert (suite.name, suite.owner, suite.judge) == (answers.name, answers.owner, answers.judge)
    assert {field: suite.data.column(field) for field in answers.columns} == answers.columns
    assert suite.data.slices == answers.slices


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_quoted_text_reads_back_the_same(text):
    assert parse_document(f"key: {quoted(text)}".encode(), "s").data == {"key": text}
    assert parse_document(f"{{{quoted(text)}: [{quoted(text)}]}}".encode(), "s").data == {text: [text]}
