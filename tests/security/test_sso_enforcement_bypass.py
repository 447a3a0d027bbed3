"""Langfuse, fixed in 3.174.0: a password reset gave a session although single sign-on was enforced.

One way in had its own way of starting sessions and forgot the rule. Here one function starts a session and one sets its
cookie, whatever door somebody came through.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = {"COOKIE", "'evalgate_session'"}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Yield file, function and call for every call in evalgate."""
    for path in sorted((ROOT / "evalgate").rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Call):
                        yield path.relative_to(ROOT).as_posix(), function.name, node


def sets_ours(call: ast.Call) -> bool:
    """Say whether our own function puts the session's token into a cookie: unless it names another one."""
    named = [one.value for one in call.keywords if one.arg == "name"]
    return ast.unparse(call.func) == "set_cookie" and (not named or ast.unparse(named[0]) in OURS)


def test_one_function_starts_sessions_and_hands_their_token_to_the_cookie() -> None:
    starts = [(file, name) for file, name, call in calls() if ast.unparse(call.func).endswith(".start_session")]
    sets = [(file, name) for file, name, call in calls() if sets_ours(call)]
    assert starts == sets == [("evalgate/web/sessions.py", "begin_session")]


def test_one_function_writes_cookies() -> None:
    writes = [(file, name) for file, name, call in calls() if ast.unparse(call.func).endswith(".set_cookie")]
    assert writes == [("evalgate/web/sessions.py", "set_cookie")]


def test_nobody_writes_the_header_by_hand() -> None:
    told = [path for path in (ROOT / "evalgate").rglob("*.py") if "set-cookie" in path.read_text().lower()]
    assert told == []
