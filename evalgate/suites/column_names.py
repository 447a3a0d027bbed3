"""What people call their columns, in English, Spanish and Portuguese; in each list the plainest name first."""

from __future__ import annotations

import re
import unicodedata

NAMES: dict[str, tuple[str, ...]] = {
    "id": (
        *("id", "case_id", "example_id", "sample_id", "question_id", "prompt_id", "item_id", "row_id", "trace_id"),
        *("uid", "uuid", "key", "qid", "q", "identificador", "id_caso", "codigo"),
    ),
    "input": (
        *("input", "prompt", "question", "query", "user_input", "user_message", "messages", "instruction", "request"),
        *("entrada", "pregunta", "pergunta", "consulta", "mensaje", "mensagem", "solicitud", "solicitacao", "user"),
    ),
    "output": (
        *("output", "response", "completion", "answer", "reply", "generation", "generated_text", "model_output"),
        *("prediction", "assistant", "respuesta", "resposta", "salida", "saida", "actual_output", "texto_gerado"),
    ),
    "reference": (
        *("reference", "expected", "expected_output", "ground_truth", "reference_answer", "target", "ideal", "gold"),
        *("referencia", "esperado", "respuesta_esperada", "resposta_esperada", "gabarito"),
    ),
    "context": (
        *("context", "contexts", "retrieved_contexts", "retrieval_context", "passages", "documents", "sources"),
        *("source", "contexto", "contextos", "documentos", "fuente", "fuentes", "fonte", "fontes"),
    ),
    "cluster": (
        *("cluster", "session_id", "conversation_id", "thread_id", "chat_id", "dialogue_id", "session"),
        *("conversation", "ticket_id", "user_id", "customer_id", "sesion", "id_sesion", "sessao", "id_sessao"),
        *("conversacion", "conversa", "id_conversa", "hilo"),
    ),
    "tool_calls": ("tool_calls", "function_calls"),
    "model": ("model", "model_name", "model_id", "modelo"),
    "revision": ("revision", "commit", "commit_sha", "git_sha", "sha", "revisao"),
    "created_at": (
        "created_at",
        "timestamp",
        "created",
        "generated_at",
        "time",
        "date",
        "fecha",
        "creado_en",
        "criado_em",
    ),
    "latency_ms": ("latency_ms", "latencia_ms", "duration_ms"),
    "input_tokens": ("input_tokens", "prompt_tokens", "tokens_entrada"),
    "output_tokens": ("output_tokens", "completion_tokens", "tokens_salida", "tokens_saida"),
    "cost_usd": ("cost_usd", "cost", "costo_usd", "custo_usd"),
    "repeat": ("repeat", "repetition", "sample_index", "attempt", "repeticion", "repeticao"),
}
"""Field to the names its column goes by."""

LOCALES = ("locale", "lang", "language", "idioma", "lingua", "lengua", "lenguaje")
SLICES = (
    *("category", "categoria", "intent", "intencion", "intencao", "topic", "tema", "topico", "type", "tipo", "channel"),
    *("canal", "country", "pais", "segment", "segmento", "tier", "product", "producto", "produto", "task"),
)
SCORES = (
    *("score", "rating", "preference", "win", "reward", "puntuacion", "pontuacao", "puntaje", "nota", "calificacion"),
    *("avaliacao", "preferencia"),
)


def plain_name(column: str) -> str:
    """Return a column's name without case, accents and separators, for comparing.

    >>> plain_name("Respuesta Esperada"), plain_name("sessionId"), plain_name("Descrição-curta")
    ('respuesta_esperada', 'session_id', 'descricao_curta')
    """
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column)
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", split) if not unicodedata.combining(sign))
    return "_".join(re.findall(r"[^\W_]+", bare.casefold()))
