"""`secrets`: keys in prose of three languages, and what only looks like one."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.checks.scenes import check, result, shown, subject

A = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7d"


@pytest.mark.parametrize(
    ("text", "kind", "secret"),
    [
        (f"Use la clave sk-proj-{A}.", "openai", f"sk-proj-{A}"),
        ("AWS: AKIAQ3EGRZ5PLM2XW7TD", "aws", "AKIAQ3EGRZ5PLM2XW7TD"),
        (f"o token ghp_{A[:36]} vazou", "github", f"ghp_{A[:36]}"),
        (f"glpat-{A[:20]}", "gitlab", f"glpat-{A[:20]}"),
        ("xoxb-123456789012-abcDEFghi", "slack", "xoxb-123456789012-abcDEFghi"),
        (f"sk_live_{A[:24]} es de Stripe", "stripe", f"sk_live_{A[:24]}"),
        (f"hf_{A[:34]}", "huggingface", f"hf_{A[:34]}"),
        (f"npm_{A[:36]}", "npm", f"npm_{A[:36]}"),
        (f"123456789:AA{A[:33]}", "telegram", f"123456789:AA{A[:33]}"),
        ("postgres://ana:s3cr3t@db.acme.example/x", "password_in_url", "postgres://ana:s3cr3t@db.acme.example"),
        ("Sua senha: Xk9#mQ2$vL7p", "assigned", "senha: Xk9#mQ2$vL7p"),
        ("api_key = 'a8F3kLm29XcQ7'", "assigned", "api_key = 'a8F3kLm29XcQ7"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0", "jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0"),
        (f"Authorization: Bearer {A}", "bearer", f"Bearer {A}"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "basic_auth", "Authorization: Basic dXNlcjpwYXNzd29yZA=="),
    ],
)
def test_a_secret_is_found_with_its_kind_and_its_place(text: str, kind: str, secret: str) -> None:
    mark = result(check("secrets"), text)
    assert (mark.value, mark.severity, mark.fix) == (0.0, "block", f"{mark.spans[0].label} → <SECRET>")
    assert kind in {span.label for span in mark.spans}
    assert shown(mark, text) == [secret]
    assert secret not in mark.explanation


@pytest.mark.parametrize(
    "text",
    [
        "sk-8 skis, task-force, risk-free",
        "commit 3f2a9c4e5b6d7f8091a2b3c4d5e6f708192a3b4c",
        "id 123e4567-e89b-12d3-a456-426614174000",
        "![logo](data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4)",
        "Contraseña: obligatoria. Senha: obrigatória. Password: required.",
        "La clave: paciencia y constancia.",
        "password: your-password-here-123",
        "AKIAIOSFODNN7EXAMPLE aparece en la documentación",
        "pedido AC1234567890, Bearer of good news",
        "El curso sk-learn-desde-cero-2024 empieza hoy; sk-task-force-of-the-year",
        "Bearer responsabilidades-compartidas, bearer responsibilities-in-2024, bearer internacionalmente",
        "Authorization: Basic authentication",
        f"hf_{'x' * 34}, sk-proj-{'x' * 24}, sk-proj-{'0' * 24}, AKIA{'X' * 16}",
        "api_key: your_key_here_123, clave: tu_clave_aqui_1, senha: sua-chave-aqui-1",
        "password: ${DB_PASSWORD_1}, api_key = {{api_key_2}}, api_key=os.environ['KEY_1']",
        "postgres://user:password@localhost/db, mysql://root:${PASS}@db.example, redis://u:contraseña@h",
        "postgres://ana:tu_contraseña@h, mysql://ana:sua-senha@h, amqp://ana:your_password@h",
        "Authorization: Bearer YOUR_ACCESS_TOKEN_123",
        "https://acme.example:8080/path@v2",
    ],
)
def test_what_only_looks_like_a_secret_is_none(text: str) -> None:
    assert result(check("secrets"), text).value == 1.0


def test_kinds_and_allowed_values_are_the_suites() -> None:
    text = f"sk-proj-{A} y ghp_{A[:36]}"
    assert shown(result(check("secrets", kinds=["github"]), text), text) == [f"ghp_{A[:36]}"]
    assert result(check("secrets", allow=[f"sk-proj-{A}", "ghp_"]), text).value == 1.0
    with pytest.raises(ValidationError, match=r"no kind 'githb'\. Did you mean 'github'"):
        check("secrets", kinds=["githb"])


def test_what_the_user_wrote_may_be_repeated_when_the_suite_says_so() -> None:
    about = subject(f"Su clave sk-proj-{A} no es válida.", asked=f"¿sk-proj-{A}?")
    assert result(check("secrets", ignore_echo=True), about).value == 1.0
    assert result(check("secrets"), about).value == 0.0
