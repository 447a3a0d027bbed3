"""Spanish: what a budget buys of production traffic."""

from __future__ import annotations

MESSAGES = {
    "sampling.title": "Plan de muestreo de {suite}",
    "sampling.budget": "{usd} y {time} de trabajo de personas al mes",
    "sampling.items": "{n} interacciones al mes",
    "sampling.from_traffic": "según {days} de tráfico guardado",
    "sampling.assumed": "no hay tráfico guardado: es un supuesto",
    "sampling.costs": "de los que se gastan {usd} y {time}",
    "sampling.nothing_called": "No se ha llamado a ningún modelo ni se ha guardado nada.",
    "sampling.shows": "Qué muestra la muestra",
    "sampling.part": "tráfico",
    "sampling.all": "todo",
    "sampling.window": "ventana",
    "sampling.judged": "juzgadas",
    "sampling.week_judged": "7 días",
    "sampling.reviews": "revisiones",
    "sampling.half_width": "± pts",
    "sampling.people_half_width": "± personas",
    "sampling.found_after": "caída vista",
    "sampling.shows_help": (
        "una ventana dura {every}; ±: la mitad del intervalo del 95 %, en puntos, según el juez y según las personas; "
        "caída vista: desde que se pierden 10 puntos hasta la alerta; –: muy pocas para saberlo"
    ),
    "sampling.window_costs": (
        "una ventana cuesta {usd} y {time} de trabajo de personas; siete días, {week_usd} y {week_time}"
    ),
    "sampling.false_alarms": "falsas alarmas: una de cada {wanted} ventanas de una serie, es decir, cada {time}",
    "sampling.series": "falsas alarmas de las {n} series vigiladas: {many} al año como máximo",
    "sampling.series.one": "falsas alarmas de {n} serie vigilada: {many} al año como máximo",
    "sampling.budgets": "Con otros presupuestos",
    "sampling.usd": "jueces",
    "sampling.time": "personas",
    "sampling.judged_month": "juzgadas al mes",
    "sampling.week": "± 7 días",
    "sampling.strata": "Estratos",
    "sampling.stratum": "estrato",
    "sampling.month": "al mes",
    "sampling.spread": "dispersión",
    "sampling.known_from": "(de {n} puntuaciones)",
    "sampling.chance_judge": "juez",
    "sampling.chance_people": "personas",
    "sampling.paste": "Para la suite",
    "sampling.basis": "En qué se basa",
    "sampling.cost_of_item": "juzgar una interacción con {models} cuesta unos {usd}, según {n} guardadas",
    "sampling.cost_assumed": (
        "juzgar una interacción con {models} cuesta unos {usd}, si una respuesta tiene 900 caracteres"
    ),
    "sampling.cost_of_review": "una revisión lleva {time}; revisiones de un mismo elemento: {n}",
    "sampling.strata_assumed": (
        "se supone que cada estrato, menos el último, tiene el 5 % del tráfico; los segmentos aún no se conocen"
    ),
    "sampling.spread_assumed": (
        "donde no hay puntuaciones guardadas de este juez, la dispersión es 0,5, la mayor posible"
    ),
    "sampling.turns": "una conversación tiene {turns} interacciones, que se toman por parecidas a medias",
    "sampling.differs": (
        "según las fichas de calibración, la etiqueta de las personas menos la puntuación del juez se dispersa {spread}"
    ),
    "sampling.differs_unknown": (
        "falta la ficha de calibración de algún juez: ± personas cuenta solo las etiquetas de personas"
    ),
    "sampling.no_people": "la fase de las personas lleva al menos {time} al mes; con menos, las personas no ven nada",
    "sampling.too_short": (
        "una ventana tiene muy pocas interacciones juzgadas para saber algo; con `every: {every}` bastan"
    ),
    "sampling.never_enough": (
        "ninguna ventana de hasta siete días tiene bastantes interacciones juzgadas para saber algo"
    ),
    "sampling.over_cap": "el tope de gasto de la suite, {cap} al mes, es menor: lo que no cabe se descarta",
    "sampling.no_queue": "la suite no nombra ninguna `queue`, así que no se preguntaría a nadie: añade una",
    "sampling.unseen": "de estos estratos no llegó tráfico y conservan las probabilidades de la suite: {names}",
    "sampling.minutes": "{n} min",
    "sampling.hours": "{n} h",
    "sampling.days": "{n} días",
    "sampling.days.one": "{n} día",
}
