"""Portuguese of Brazil: labelling at the terminal."""

from __future__ import annotations

MESSAGES = {
    "labelling.intro": "{n} respostas para olhar. Cada rótulo é guardado na hora; o que o juiz disse não é mostrado.",
    "labelling.intro.one": "{n} resposta para olhar. O rótulo é guardado na hora; o que o juiz disse não é mostrado.",
    "labelling.place": "{place} de {of}",
    "labelling.case": "caso {case}",
    "labelling.question": "PERGUNTA",
    "labelling.context": "CONTEXTO",
    "labelling.answer": "RESPOSTA",
    "labelling.unknown": "não dá para saber",
    "labelling.back": "voltar",
    "labelling.stop": "parar",
    "labelling.help": "Digite um número de 0 a {most}, z para voltar ou q para parar, e tecle Enter.",
    "labelling.more": "… (mais {n} caracteres)",
    "labelling.kept": "verificação {check}: {answered} respondidas, {unknown} sem saber, {left} por responder",
    "labelling.next": "Para completar a ficha, pergunte sobre mais: evalgate label {run} --check {check} -n {n}",
}
