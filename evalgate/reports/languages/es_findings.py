"""Spanish: findings, states, notes and numbers."""

from __future__ import annotations

MESSAGES = {
    # ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────
    "number.decimal": ",",
    "number.thousands": "\u00a0",
    "number.percent": "{number}\u00a0%",
    "number.points": "{number}\u00a0pts",
    "number.money": "{number}\u00a0USD",
    "number.small_money": "menos de 0,01\u00a0USD",
    "number.about": "≈\u00a0{number}",
    "number.seconds": "{seconds}\u00a0s",
    "number.minutes": "{minutes}\u00a0min {seconds}\u00a0s",
    # ── verdicts ─────────────────────────────────────────────────────────────────────────────────────────────────────
    "verdict.pass": "Pasa",
    "verdict.fail": "Falla",
    "verdict.inconclusive": "Sin decidir",
    "headline.pass": "Se puede desplegar: {suite} pasa",
    "headline.fail": "No desplegar: {suite} falla",
    "headline.inconclusive": "No desplegar todavía: {suite} está sin decidir",
    "headline.advisory.pass": "Solo informativo hasta {date}, sería PASS: {suite}",
    "headline.advisory.fail": "Solo informativo hasta {date}, sería FAIL: {suite}",
    "headline.advisory.inconclusive": "Solo informativo hasta {date}, sería INCONCLUSIVE: {suite}",
    "advice.pass": "Se puede desplegar.",
    "advice.fail": "No desplegar.",
    "advice.inconclusive": "No desplegar todavía.",
    "lead.pass": "Se cumplen las {n} condiciones.",
    "lead.fail": "Fallan {fails} de {n} condiciones.",
    "lead.inconclusive": "Quedan sin decidir {open} de {n} condiciones.",
    "lead.also": "Sin decidir: {open}.",
    "advisory.would_be": "ADVISORY (informativo), sería {verdict}",
    "against": "{candidate} frente a {baseline}",
    "no_baseline": "sin línea base",
    "exit": "salida {code}",
    # ── the facts of a run ───────────────────────────────────────────────────────────────────────────────────────────
    "facts.pairs": "{n} pares",
    "facts.pairs.one": "{n} par",
    "facts.cases": "{n} casos",
    "facts.cases.one": "{n} caso",
    "facts.clusters": "{n} grupos",
    "facts.clusters.one": "{n} grupo",
    "facts.unchanged": "{n} respuestas iguales, no se juzgan dos veces",
    "facts.unchanged.one": "{n} respuesta igual, no se juzga dos veces",
    "facts.calls": "{n} consultas al juez",
    "facts.calls.one": "{n} consulta al juez",
    "facts.recalled": "{n} recuperadas del diario",
    "facts.unscored": "{n} sin puntuar",
    "facts.unscored_why": "{n} sin puntuar ({reasons})",
    "facts.revision": "respuestas hechas con {revision}",
    "facts.judges": "juez {judges}",
    "facts.judges_uncalibrated": "juez {judges}: sin calibrar, {metrics} tal como lo ve el juez",
    "facts.samples": "{n} respuestas",
    "facts.samples.one": "{n} respuesta",
    # ── rules ────────────────────────────────────────────────────────────────────────────────────────────────────────
    "rule.never": "{scope}",
    "rule.at_least": "al menos {bound}",
    "rule.at_most": "como máximo {bound}",
    "rule.no_worse_than": "no peor que {bound}",
    "rule.better_than_baseline": "mejor que la línea base",
    "rule.agreement": "coincide con las personas: {bound}",
    "rule.coverage": "{bound} puntuado",
    "rule.fact": "debe cumplirse",
    "rule.advisory": "{rule}, informativo",
    "scope.any": "ninguno",
    "scope.new": "ninguno nuevo",
    "fact.outputs_current": "respuestas de este cambio",
    "fact.one_judge": "un mismo juez para ambas versiones",
    "fact.baseline": "una línea base con la que comparar",
    # ── what was measured, in a cell ─────────────────────────────────────────────────────────────────────────────────
    "result.interval": "{value} [{low}; {high}]",
    "result.levels": "{before} → {now}",
    "result.hits.any": "{n} incumplimientos",
    "result.hits.any.one": "{n} incumplimiento",
    "result.hits.new": "{n} nuevos",
    "result.hits.new.one": "{n} nuevo",
    "result.true_rate": "tasa real ≤\xa0{high}",
    "result.baseline_hits": "línea base {n}",
    "result.scored": "{n} de {planned} con puntuación",
    "result.of_n": "{n} de {planned}",
    "result.not_measured": "sin medir",
    "result.not_visible": "muy pocos casos",
    "result.visible": "ve caídas desde {visible}",
    "result.raw": "el juez solo {figure}",
    "result.corrected": "con {n} etiquetas {figure}",
    "result.corrected.one": "con {n} etiqueta {figure}",
    "result.as_judged": "tal como lo ve el juez",
    "coverage.all": "cobertura",
    "in_slice": "{metric} en {slice}",
    "no_reason": "sin motivo indicado",
    # ── states: what follows, in one sentence ────────────────────────────────────────────────────────────────────────
    "state.better": "{what} mejoró: {value}, entre {low} y {high}.",
    "state.not_worse": (
        "{what} no pierde frente a la línea base más de los {bound} permitidos: {value}, entre {low} y {high}."
    ),
    "state.worse_within_margin": (
        "{what} empeoró un poco, dentro de los {bound} permitidos: {value}, entre {low} y {high}."
    ),
    "state.worse_size_unclear": (
        "{what} empeoró, y no está claro si más de los {bound} permitidos: {value}, entre {low} y {high}."
    ),
    "state.worse_beyond_margin/no_worse_than": (
        "{what} empeoró más de los {bound} permitidos: {value}, entre {low} y {high}."
    ),
    "state.worse_beyond_margin/better_than_baseline": (
        "{what} empeoró, y se exige que mejore: {value}, entre {low} y {high}."
    ),
    "state.unclear/no_worse_than": (
        "No está claro si {what} perdió más de los {bound} permitidos: {value}, entre {low} y {high}."
    ),
    "state.unclear/better_than_baseline": "No está claro si {what} mejoró: {value}, entre {low} y {high}.",
    "state.unclear/at_least": "No está claro si {what} alcanza el {bound}: {value}, entre {low} y {high}.",
    "state.unclear/at_most": (
        "No está claro si como máximo el {bound} de las respuestas incumple {what}:"
        " lo hacen {hits} de {n}, con una tasa real entre {low} y {high}."
    ),
    "state.above_floor": "{what} alcanza el {bound} exigido: {value}, entre {low} y {high}.",
    "state.below_floor": "{what} no llega al {bound} exigido: {value}, entre {low} y {high}.",
    "state.within_rate": (
        "Incumplen {what} {hits} de {n} respuestas, una tasa real de {high} como máximo; se permite el {bound}."
    ),
    "state.beyond_rate": (
        "{what} se incumple más a menudo que el {bound} permitido:"
        " {hits} de {n} respuestas, con una tasa real entre {low} y {high}."
    ),
    "state.clean/any": "Ninguna respuesta incumple {what}: 0 de {n}; aún cabría una tasa real de hasta {high}.",
    "state.clean/new": (
        "Ninguna respuesta incumple {what} donde antes no lo hacía: 0 de {n}; aún cabría una tasa real de hasta {high}."
    ),
    "state.violations/any": "{hits} respuestas incumplen {what}; no puede hacerlo ninguna.",
    "state.violations/any.one": "{hits} respuesta incumple {what}; no puede hacerlo ninguna.",
    "state.violations/new": (
        "{hits} respuestas incumplen {what} donde la línea base no lo hacía; no puede hacerlo ninguna."
    ),
    "state.violations/new.one": (
        "{hits} respuesta incumple {what} donde la línea base no lo hacía; no puede hacerlo ninguna."
    ),
    "state.covered": "{what}: {n} de {planned} resultados tienen puntuación; se exige el {bound}.",
    "state.coverage_short": "{what}: solo {n} de {planned} resultados tienen puntuación; se exige el {bound}.",
    "state.holds": "{what}: se cumple ({detail}).",
    "state.does_not_hold": "{what}: no se cumple ({detail}).",
    "state.not_known": "{what}: no se sabe ({detail}).",
    "state.too_few/none": "{what} no tiene ningún caso puntuado con el que decidir.",
    "state.too_few": "{what} se apoya en muy pocos casos independientes: {n} casos en {clusters} grupos.",
    "state.not_visible/none": "{what} no tiene ningún caso puntuado.",
    "state.not_visible": "{what} tiene muy pocos casos ({n}) para mostrar una caída menor de {visible}.",
    "state.unscored_decides/never": (
        "{what} no puede pasar mientras {unscored} de {planned} resultados estén sin puntuar:"
        " cualquiera puede ser un incumplimiento."
    ),
    "state.unscored_decides": (
        "{what} depende de {unscored} de {planned} resultados sin puntuar: {value} en el resto,"
        " entre {low} y {high} con ellos."
    ),
    "state.uncalibrated": "{what} pasaría tal como lo ve el juez, pero eso no dice nada de las personas: {detail}.",
    "state.uncalibrated/never": "{what} pasaría tal como lo ve el juez, pero nadie ha medido a este juez.",
    "state.few_labels": "{what} se corrige con etiquetas de personas, y son demasiado pocas para decidir: {detail}.",
    "state.few_labels/agreement": "No se sabe si el juez de {what} coincide con las personas: {detail}.",
    "state.agrees": (
        "El juez de {what} coincide con las personas (AC1 {value}, entre {low} y {high}); se exige {bound}."
    ),
    "state.disagrees": (
        "El juez de {what} no coincide lo suficiente con las personas: AC1 {value}, entre {low} y"
        " {high}; se exige {bound}."
    ),
    "state.unclear/agreement": (
        "No está claro si el juez de {what} coincide lo suficiente con las personas: AC1 {value}, entre {low} y {high}."
    ),
    "state.unconfirmed": (
        "El juez ve {hits} incumplimientos de {what}; una persona tiene que confirmar uno para que el control falle."
    ),
    "state.unconfirmed.one": (
        "El juez ve {hits} incumplimiento de {what}; una persona tiene que confirmarlo para que el control falle."
    ),
    # ── what would decide it ─────────────────────────────────────────────────────────────────────────────────────────
    "more.same": "{unchanged} casos más lo deciden si nada ha cambiado",
    "more.same.one": "bastan estos casos si nada ha cambiado",
    "more.drop": "{unchanged} casos más lo deciden si nada ha cambiado; {real} más si la caída de {size} es real",
    "more.drop.one": "bastan estos casos si nada ha cambiado; {real} más si la caída de {size} es real",
    "more.gain": "{unchanged} casos más lo deciden si nada ha cambiado; {real} más si la mejora de {size} es real",
    "more.gain.one": "bastan estos casos si nada ha cambiado; {real} más si la mejora de {size} es real",
    "more.lost": (
        "{unchanged} casos más lo deciden si nada ha cambiado;"
        " si la caída de {size} es real, más casos no harán que pase"
    ),
    "more.lost.one": (
        "bastan estos casos si nada ha cambiado; si la caída de {size} es real, más casos no harán que pase"
    ),
    "more.to_pass": "{real} casos más lo deciden si {value} es el valor real: entonces pasa",
    "more.to_pass.one": "{real} caso más lo decide si {value} es el valor real: entonces pasa",
    "more.to_fail": "{real} casos más lo deciden si {value} es el valor real: entonces falla",
    "more.to_fail.one": "{real} caso más lo decide si {value} es el valor real: entonces falla",
    "more.never": "más casos no harán que pase",
    "decide.scores": "hay que puntuar {needed} de los {unscored} resultados sin puntuar",
    "decide.coverage": "hay que puntuar {needed} resultados más",
    "decide.coverage.one": "hay que puntuar {needed} resultado más",
    "decide.uncalibrated": "que personas midan al juez, corregirlo con etiquetas, o escribir `uncalibrated: allow`",
    "decide.few_labels": "que personas etiqueten más casos",
    "decide.unconfirmed": "que una persona mire los casos que señala el juez",
    "decide.fact": "{detail}",
    "decide.cases": "hacen falta casos a los que se aplique, y más casos independientes",
    "decide.visible": "muestra una caída de {visible} o más; para ver menos hacen falta más casos",
    "decide.nothing": "está decidido",
    # ── why ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    "why.moved": "{lost} empeoraron, {gained} mejoraron.",
    "why.carried": "Pesa sobre todo {slice}: {lost} peores, {gained} mejores.",
    "why.often": "Motivo más frecuente: «{reason}» ({n} de {total}).",
    "why.more_cases": "y {n} más",
    "case.question": "pregunta",
    "case.was": "antes",
    "case.now": "ahora",
    "case.because": "motivo",
    "case.context": "contexto",
    "case.no_answer": "(vacía)",
    "case.not_in_baseline": "(la línea base no responde a este caso)",
    "case.repeat": "repetición {n}",
    # ── notes ────────────────────────────────────────────────────────────────────────────────────────────────────────
    "note.age_not_checked": (
        "Antigüedad sin comprobar: con --revision o --changed-at, las respuestas de otra versión o anteriores al"
        " cambio no cuentan."
    ),
    "note.baseline_cases_unanswered": (
        "{unmatched_baseline} casos de la línea base no tienen respuesta en la candidata."
    ),
    "note.candidate_cases_new": (
        "{unmatched_candidate} casos de la candidata son nuevos: la línea base no los responde."
    ),
    "note.content_changed": "{changed_content} casos se preguntaron de otra forma en la línea base y no se comparan.",
    "note.uncalibrated": (
        "Nadie ha medido al juez: lo que dice cuenta porque la suite lo permite, tal como lo ve el juez."
    ),
    "note.candidate_model_unknown": (
        "No todas las filas dicen qué modelo respondió: no se notaría que un juez se juzga a sí mismo."
    ),
    "note.advisory": "Solo informativo hasta {date}: se muestra entero y no obliga.",
    "note.replies_by_hand": "Las respuestas del juez se escribieron a mano para este ejemplo.",
    "intervals.plain": "intervalos: dos cotas unilaterales del {level}",
    "intervals.holm": (
        "intervalos: dos cotas unilaterales del {level}; la que hace fallar, al nivel de Holm (hasta {alpha})"
        " donde varias pruebas comparten el error"
    ),
    "intervals.not_counted": "en minúsculas: se muestra y no cuenta",
    "unscored.missing": "falta",
    "unscored.invalid": "no es una puntuación",
    "unscored.unknown": "juzgado «unknown»",
    "unscored.unreadable": "respuesta ilegible",
    "unscored.refused": "rechazado",
    "unscored.unavailable": "juez no disponible",
    "unscored.over_budget": "tope de gasto alcanzado",
    "unscored.order": "los dos órdenes discrepan",
    "unscored.not_comparable": "otra versión de la comprobación",
    "unscored.crashed": "la comprobación se interrumpió",
    "mark.not_applicable": "no aplica",
    "mark.unscored_why": "sin puntuar: {reason}",
    "mark.holds": "cumple",
    "mark.violates": "incumple",
    "mark.none": "–",
}
