"""Spanish: labelling at the terminal."""

from __future__ import annotations

MESSAGES = {
    "labelling.intro": "{n} respuestas por mirar. Cada etiqueta se guarda al momento; lo que dijo el juez no se ve.",
    "labelling.intro.one": "{n} respuesta por mirar. Su etiqueta se guarda al momento; lo que dijo el juez no se ve.",
    "labelling.place": "{place} de {of}",
    "labelling.case": "caso {case}",
    "labelling.question": "PREGUNTA",
    "labelling.context": "CONTEXTO",
    "labelling.answer": "RESPUESTA",
    "labelling.unknown": "no se puede saber",
    "labelling.back": "volver",
    "labelling.stop": "dejarlo",
    "labelling.help": "Escribe un número de 0 a {most}, z para volver o q para dejarlo, y pulsa Intro.",
    "labelling.more": "… ({n} caracteres más)",
    "labelling.kept": "comprobación {check}: {answered} respondidas, {unknown} sin saber, {left} por responder",
    "labelling.next": "Para completar la ficha, pregunta por más: evalgate label {run} --check {check} -n {n}",
}
