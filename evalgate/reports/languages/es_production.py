"""Spanish: what the `production` rule says."""

from __future__ import annotations

MESSAGES = {
    "rule.production": "en producción al menos {bound}",
    "production.days": "{n} días",
    "production.days.one": "{n} día",
    "production.windows": "{n} ventanas",
    "production.windows.one": "{n} ventana",
    "production.others": " (otras {n} las puntuó otra versión de la comprobación, o solo en parte)",
    "production.others.one": " ({n} más la puntuó otra versión de la comprobación, o solo en parte)",
    "result.production": "{windows}, {days}",
    "state.above_floor/production": (
        "{what} alcanza en producción el {bound} exigido: {value}, entre {low} y {high}, a lo largo de {days}."
    ),
    "state.below_floor/production": (
        "{what} no llega en producción al {bound} exigido: {value}, entre {low} y {high}, a lo largo de {days}."
    ),
    "state.unclear/production": (
        "No está claro si {what} alcanza el {bound} en producción: {value}, entre {low} y {high}, a lo largo de {days}."
    ),
    "state.unscored_decides/production": (
        "{what} en producción depende de {unscored} de {planned} interacciones de la muestra que están sin puntuar:"
        " {value} en las demás, entre {low} y {high} con ellas."
    ),
    "state.too_few/production": (
        "{what} en producción se apoya en una muestra demasiado pequeña: {n} interacciones puntuadas de {clusters}"
        " conversaciones."
    ),
    "state.no_windows": (
        "{what} no se conoce en producción: esta versión de la comprobación no puntuó ninguna ventana cerrada en los"
        " últimos {days}{others}."
    ),
    "state.silent": "{what} no se conoce en producción: hace {silent} que no se puntúa nada.",
    "state.windows_short": (
        "{what} no se conoce en producción: las ventanas que puntuó esta versión de la comprobación cubren el {covered}"
        " de {days}{others}."
    ),
    "state.suspect_weights": (
        "{what} no se conoce en producción: la muestra de control contradice las probabilidades con que se extrajo la"
        " muestra de {days}."
    ),
    "state.let_through_better": (
        "No está demostrado que {what} alcance el {bound} en producción ({shown}). El cambio se deja pasar: está"
        " demostrado que mejora la línea base precisamente en esto."
    ),
    "state.let_through_rollback": (
        "No está demostrado que {what} alcance el {bound} en producción ({shown}). El cambio se deja pasar: vuelve a la"
        " revisión de la ejecución {detail}, una línea base aceptada."
    ),
    "state.let_through_glass": (
        "No está demostrado que {what} alcance el {bound} en producción ({shown}). EL CAMBIO SE DEJA PASAR A MANO por"
        " {detail}."
    ),
    "more.production_to_pass": "se decide con {real} interacciones puntuadas más si {value} es real: entonces pasa",
    "more.production_to_pass.one": "se decide con {real} interacción puntuada más si {value} es real: entonces pasa",
    "more.production_to_fail": "se decide con {real} interacciones puntuadas más si {value} es real: entonces falla",
    "more.production_to_fail.one": "se decide con {real} interacción puntuada más si {value} es real: entonces falla",
    "decide.no_windows": (
        "un worker tiene que cerrar ventanas con esta suite; `evalgate traffic score` puntúa las de días pasados"
    ),
    "decide.silent": "mirar si llega tráfico y si el worker lo puntúa",
    "decide.windows_short": (
        "esperar más ventanas, puntuar las de días pasados con `evalgate traffic score` o pedir menos días"
    ),
    "decide.suspect_weights": "averiguar por qué la muestra no es la que se extrajo y volver a puntuar las ventanas",
    "decide.production_sample": "extraer una muestra mayor de producción o pedir más días",
    "note.glass_not_broken": (
        "--break-glass no se usó: lo que detiene este cambio no es solo la producción, así que no se anuló nada."
    ),
    "explain.demands.production": (
        "En producción, el nivel real de {what} en los últimos días debe ser al menos {bound}: el de todo el tráfico,"
        " estimado con la muestra puntuada."
    ),
    "explain.production": (
        "Leído: {windows}, del {since} al {until} UTC, que cubren el {covered} de {days}{others}; la muestra representa"
        " {population} interacciones."
    ),
    "explain.change.production.pass": "Solo lo que la producción muestre en los próximos días.",
    "explain.change.production.fail": (
        "Mejores respuestas en producción. Hasta entonces pueden entrar: una vuelta a una línea base aceptada, un"
        " candidato que demuestre ser mejor en esta métrica y lo que alguien deje pasar con `--break-glass`."
    ),
    "method.sampled-t": (
        "Cotas de una media muestral con la t de Student: cada interacción pesa 1/p, donde p es la probabilidad con que"
        " se extrajo, y lo que varía son conversaciones enteras."
    ),
    "method.sampled-korn-graubard": (
        "Cotas de una proporción muestral con el número de interacciones reducido a lo que vale la muestra"
        " (Korn-Graubard)."
    ),
    "method.sampled-census": "Se puntuaron todas las interacciones: no hay intervalo.",
    "plan.sees_production": "ventanas cerradas de {n} días, que se leen al decidir",
    "plan.sees_production.one": "ventanas cerradas de {n} día, que se leen al decidir",
}
