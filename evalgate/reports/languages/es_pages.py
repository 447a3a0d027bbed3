"""Spanish: the pages around the findings."""

from __future__ import annotations

MESSAGES = {
    # ── the console page ─────────────────────────────────────────────────────────────────────────────────────────────
    "page.verdict": "veredicto",
    "page.check": "comprobación",
    "page.rule": "regla",
    "page.result": "resultado",
    "page.why": "Por qué falla",
    "page.not_decided": "Sin decidir",
    "page.next": "Siguiente paso",
    "page.report": "informe",
    "page.decision": "decisión {name}",
    # ── explain ──────────────────────────────────────────────────────────────────────────────────────────────────────
    "explain.demands": "Qué se exige",
    "explain.measured": "Qué se midió",
    "explain.bound": "De dónde salen las cotas",
    "explain.verdict": "Cómo se llega al veredicto",
    "explain.change": "Qué lo cambiaría",
    "explain.demands.never.any": "Ninguna respuesta puede incumplir {what}.",
    "explain.demands.never.new": (
        "Ninguna respuesta puede incumplir {what}, salvo que la línea base lo incumpliera en ese mismo caso."
    ),
    "explain.demands.at_least": "El nivel real de {what} debe ser al menos {bound}.",
    "explain.demands.at_most": "En realidad, como máximo el {bound} de las respuestas puede incumplir {what}.",
    "explain.demands.no_worse_than": (
        "En los mismos casos, {what} puede perder en realidad {bound} como máximo frente a la línea base."
    ),
    "explain.demands.better_than_baseline": (
        "En los mismos casos, {what} debe mejorar en realidad frente a la línea base."
    ),
    "explain.demands.agreement": (
        "El juez de {what} y las personas deben coincidir, más allá del azar, al menos en {bound} (AC1)."
    ),
    "explain.demands.coverage": (
        "De los resultados que {what} debería tener, al menos el {bound} debe tener puntuación;"
        " si no, nada pasa por esa vía."
    ),
    "explain.demands.fact": "Debe saberse que se cumple: {what}.",
    "explain.advisory": "El control es informativo: se muestra y no cuenta.",
    "explain.slice_not_counted": "Un segmento puede hacer fallar el control, pero uno sin decidir no lo retiene.",
    "explain.counts": "Hay puntuación para {n} de {planned} previstos.",
    "explain.unscored": "{n} están sin puntuar ({reasons}); las cotas suponen para cada uno el peor valor.",
    "explain.unscored.one": "{n} está sin puntuar ({reasons}); las cotas suponen para él el peor valor.",
    "explain.not_applicable": "La comprobación no se aplica a otros {n} casos.",
    "explain.not_applicable.one": "La comprobación no se aplica a otro caso ({n}).",
    "explain.clusters": (
        "Los casos forman {n} grupos, que pesan como {effective} de igual tamaño;"
        " los casos de un grupo se parecen, así que lo que cuenta son los grupos."
    ),
    "explain.clusters.one": ("Todos los casos forman {n} solo grupo (peso {effective}): no hay con qué compararlo."),
    "explain.cases": "Casos: {ids}.",
    "explain.as_judged": "Nadie ha medido a este juez: las cifras son tal como lo ve el juez.",
    "explain.follows.pass.low": "La cota inferior no queda por debajo de lo exigido: pasa hasta lo peor que encaja.",
    "explain.follows.fail.low": "La cota superior queda por debajo de lo exigido: no pasa ni lo mejor que encaja.",
    "explain.follows.inconclusive.low": ("Lo exigido queda entre las cotas: lo medido encaja con pasar y con fallar."),
    "explain.follows.pass.high": "La cota superior no supera lo permitido: pasa hasta lo peor que encaja.",
    "explain.follows.fail.high": "La cota inferior supera lo permitido: no pasa ni lo mejor que encaja.",
    "explain.follows.inconclusive.high": (
        "Lo permitido queda entre las cotas: lo medido encaja con pasar y con fallar."
    ),
    "explain.change.pass": "Solo otras respuestas: más casos como estos estrecharían las cotas y también pasarían.",
    "explain.change.fail": "Solo mejores respuestas: más casos como estos estrecharían las cotas y también fallarían.",
    "explain.change.never.pass": "Un solo incumplimiento.",
    "explain.change.never.fail": "Solo respuestas sin incumplimientos; más casos no deshacen ninguno.",
    "explain.more": "Las fórmulas: docs/reference/statistics.md",
    "method.t": "Cotas de una media según la t de Student.",
    "method.clustered": "Lo que varía son grupos enteros, con grados de libertad según sus tamaños.",
    "method.guarded": (
        "Se movieron menos de 30 casos o grupos, muy pocos para la t sola: cada cota se calcula como si hubiera"
        " salido uno más con el peor valor, o con el mejor."
    ),
    "method.all-tied": (
        "Nada varió: la cota dice qué tamaño puede tener un efecto que aún no se ve en ninguno de tantos."
    ),
    "method.clopper-pearson": "Cotas exactas de una proporción (Clopper-Pearson): valen con cualquier número de casos.",
    "method.korn-graubard": (
        "Cotas de una proporción con el número de casos reducido a lo que valen los grupos (Korn-Graubard)."
    ),
    "method.tango": (
        "Cotas de una diferencia entre proporciones pareadas (método de Tango), a partir de las que mejoran y empeoran."
    ),
    "method.census": "Es un recuento de todo lo que hay: sin intervalo.",
    "method.percentile": "Cotas por remuestreo de los casos (bootstrap de percentiles).",
    "method.betting": "Cotas que valen por muchas veces que se mire (apuestas).",
    "method.ppi++": "La cifra del juez corregida con las etiquetas de personas (PPI++).",
    "method.people-only": "Solo las etiquetas de las personas: el juez no dice nada que ayude.",
    "method.ac1": "Coincidencia, más allá del azar, entre el juez y las personas (AC1).",
    "method.level": "Cada cota se equivoca con una probabilidad de {passes} como máximo.",
    "method.holm": (
        "La cota que hace pasar se equivoca con una probabilidad de {passes} como máximo. Varias pruebas de fallo"
        " comparten ese error, así que la cota que hace fallar se toma al nivel de Holm, {fails}."
    ),
    # ── run and compare ──────────────────────────────────────────────────────────────────────────────────────────────
    "levels.run": "ejecución {run}",
    "levels.level": "nivel",
    "levels.violations": "incumplimientos",
    "levels.not_applicable": "no aplica",
    "levels.unscored": "sin puntuar",
    "levels.nothing_decided": "no se ha decidido nada: eso lo hace `evalgate gate`",
    "comparison.change": "cambio",
    "comparison.levels": "niveles",
    "comparison.better": "mejor",
    "comparison.worse": "peor",
    "comparison.unmatched_candidate": "{n} solo en la primera",
    "comparison.unmatched_baseline": "{n} solo en la segunda",
    "comparison.changed_content": "{n} preguntados de otra forma",
    "comparison.outputs_unchanged": "{n} respondidos igual",
    "comparison.not_comparable": "sin comparar, porque la comprobación difiere entre las ejecuciones: {metrics}",
    # ── plan ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    "plan.title": "Plan de {suite}",
    "plan.free": "no cuesta nada",
    "plan.cost": "unos {cost}",
    "plan.cap": "tope de gasto {cap}",
    "plan.over_cap": "El tope es menor que el coste: el control se detendría ahí, sin decidir.",
    "plan.nothing_called": "No se ha llamado a ningún modelo ni se ha guardado nada.",
    "plan.checks": "Comprobaciones",
    "plan.kind": "tipo",
    "plan.outputs": "respuestas",
    "plan.calls": "consultas",
    "plan.multipliers": "órdenes × jueces × repeticiones",
    "plan.times": "{orders} × {judges} × {repeats}",
    "plan.tokens": "unos {read} tokens leídos, {written} escritos",
    "plan.costs": "coste",
    "plan.judges": (
        "juez: {judges}; por las respuestas que no cambian se pregunta una vez, y por lo que está en el diario ninguna"
    ),
    "plan.gates": "Controles",
    "plan.never": "nunca",
    "plan.needed": "hacen falta",
    "plan.sees": "qué pueden mostrar tantos casos",
    "plan.no_case": "ningún caso con el que decidir",
    "plan.sees_drop": "caídas de {drop} o más",
    "plan.sees_margin": "(márgenes desde {margin} si nada cambia)",
    "plan.sees_never": "cada incumplimiento",
    "plan.cannot_pass": "muy pocos para pasar, ni sin fallos",
    "plan.sees_failures": "pasa con hasta {n} fallos de {total}",
    "plan.sees_failures.one": "pasa con hasta {n} fallo de {total}",
    "plan.sd_assumed": (
        "dispersión aún desconocida, se supone {sd} (la mayor posible en puntuaciones);"
        " los grupos se toman por parecidos a medias"
    ),
    "plan.needed_help": (
        "hacen falta: casos con los que una candidata sin cambios pasa el {power} de las veces,"
        " o una sin fallos pasa un nivel"
    ),
    "plan.defaults": "Valores por defecto vigentes",
    # ── show ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    "cases.none": "no hay casos",
    "cases.no_flips": "{check} no marca ningún caso de otra forma",
    "cases.flips": "{check}: {n} casos marcados de otra forma",
    "cases.left_out": "{n} casos más: --limit los muestra",
    "cases.left_out.one": "{n} caso más: --limit lo muestra",
    "cases.lines_left_out": "… {n} líneas más",
    "cases.lines_left_out.one": "… {n} línea más",
    # ── Markdown and HTML ────────────────────────────────────────────────────────────────────────────────────────────
    "cases.worst": "Los {n} peores casos (datos personales enmascarados)",
    "cases.worst.one": "El peor caso (datos personales enmascarados)",
    "cases.case": "caso",
    "cases.more": "Aquí no caben {n} casos más; están en el informe HTML y en `evalgate show`.",
    "cases.more.one": "Aquí no cabe {n} caso más; está en el informe HTML y en `evalgate show`.",
    "findings.more": "Aquí no caben {n} resultados más; están en el informe HTML.",
    "findings.more.one": "Aquí no cabe {n} resultado más; está en el informe HTML.",
    "html.skip": "Ir a los casos",
    "html.theme": "Claro u oscuro",
    "html.findings": "Resultados",
    "html.interval": "intervalo",
    "html.legend": "línea gruesa: lo exigido · discontinua: sin cambio · flecha: sigue fuera de la escala",
    "html.cases": "Casos",
    "html.filter": "Filtrar",
    "html.check": "Comprobación",
    "html.slice": "Segmento",
    "html.kind": "Qué pasó",
    "html.all": "todos",
    "html.kind.violation": "incumplimiento",
    "html.kind.worse": "empeoró",
    "html.kind.better": "mejoró",
    "html.kind.unscored": "sin puntuar",
    "html.kind.same": "sin cambio",
    "html.shown": "{n} de {total} casos a la vista",
    "html.reset": "Mostrar todos",
    "html.no_cases": "Ningún caso incumplió, cambió ni quedó sin puntuar.",
    "html.left_out": "{n} casos más no están en esta página; `evalgate show` los tiene.",
    "html.left_out.one": "{n} caso más no está en esta página; `evalgate show` lo tiene.",
    "html.text_left_out": "… {n} caracteres más",
    "html.baseline": "Línea base",
    "html.candidate": "Candidata",
    "html.question": "Pregunta",
    "html.context": "Contexto",
    "html.other_marks": "Sin cambio",
    "html.unscored": "Sin puntuar",
    "html.nothing_unscored": "Todo lo previsto tiene puntuación.",
    "html.record": "Registro",
    "html.digest": "huella del registro (SHA-256)",
    "html.suite": "suite",
    "html.judges": "jueces",
    "html.made_by": "hecho por",
    "html.verify": (
        "`evalgate verify` vuelve a calcular cada cota, el veredicto y los resultados solo con el registro."
    ),
    "html.masked": "En esta página los datos personales y los secretos están enmascarados.",
}
