"""Portuguese of Brazil: what a budget buys of production traffic."""

from __future__ import annotations

MESSAGES = {
    "sampling.title": "Plano de amostragem de {suite}",
    "sampling.budget": "{usd} e {time} de trabalho de pessoas por mês",
    "sampling.items": "{n} interações por mês",
    "sampling.from_traffic": "segundo {days} de tráfego guardado",
    "sampling.assumed": "não há tráfego guardado: é uma suposição",
    "sampling.costs": "dos quais se gastam {usd} e {time}",
    "sampling.nothing_called": "Nenhum modelo foi chamado e nada foi guardado.",
    "sampling.shows": "O que a amostra mostra",
    "sampling.part": "tráfego",
    "sampling.all": "todo",
    "sampling.window": "janela",
    "sampling.judged": "julgadas",
    "sampling.week_judged": "7 dias",
    "sampling.reviews": "revisões",
    "sampling.half_width": "± pp",
    "sampling.people_half_width": "± pessoas",
    "sampling.found_after": "queda vista",
    "sampling.shows_help": (
        "uma janela dura {every}; ±: metade do intervalo de 95%, em pontos, segundo o juiz e segundo as pessoas; "
        "queda vista: desde a perda de 10 pontos até o alerta; –: poucas demais para saber"
    ),
    "sampling.window_costs": (
        "uma janela custa {usd} e {time} de trabalho de pessoas; sete dias, {week_usd} e {week_time}"
    ),
    "sampling.false_alarms": "alarmes falsos: um a cada {wanted} janelas de uma série, ou seja, a cada {time}",
    "sampling.series": "alarmes falsos das {n} séries vigiadas: {many} por ano no máximo",
    "sampling.series.one": "alarmes falsos de {n} série vigiada: {many} por ano no máximo",
    "sampling.budgets": "Com outros orçamentos",
    "sampling.usd": "juízes",
    "sampling.time": "pessoas",
    "sampling.judged_month": "julgadas por mês",
    "sampling.week": "± 7 dias",
    "sampling.strata": "Estratos",
    "sampling.stratum": "estrato",
    "sampling.month": "por mês",
    "sampling.spread": "dispersão",
    "sampling.known_from": "(de {n} pontuações)",
    "sampling.chance_judge": "juiz",
    "sampling.chance_people": "pessoas",
    "sampling.paste": "Para a suíte",
    "sampling.basis": "Em que isto se baseia",
    "sampling.cost_of_item": "julgar uma interação com {models} custa cerca de {usd}, segundo {n} guardadas",
    "sampling.cost_assumed": (
        "julgar uma interação com {models} custa cerca de {usd}, se uma resposta tem 900 caracteres"
    ),
    "sampling.cost_of_review": "uma revisão leva {time}; revisões de um mesmo item: {n}",
    "sampling.strata_assumed": (
        "supõe-se que cada estrato, menos o último, tem 5% do tráfego; os segmentos ainda não são conhecidos"
    ),
    "sampling.spread_assumed": "onde não há pontuações guardadas deste juiz, a dispersão é 0,5, a maior possível",
    "sampling.turns": "uma conversa tem {turns} interações, tidas como parecidas pela metade",
    "sampling.differs": (
        "segundo as fichas de calibração, o rótulo das pessoas menos a pontuação do juiz se dispersa {spread}"
    ),
    "sampling.differs_unknown": ("falta a ficha de calibração de algum juiz: ± pessoas conta só os rótulos de pessoas"),
    "sampling.no_people": "a fase das pessoas leva pelo menos {time} por mês; com menos, as pessoas não veem nada",
    "sampling.too_short": (
        "uma janela tem interações julgadas de menos para se saber algo; com `every: {every}` bastam"
    ),
    "sampling.never_enough": "nenhuma janela de até sete dias tem interações julgadas bastantes para se saber algo",
    "sampling.over_cap": "o teto de gasto da suíte, {cap} por mês, é menor: o que não cabe é descartado",
    "sampling.no_queue": "a suíte não nomeia nenhuma `queue`, então ninguém seria perguntado: acrescente uma",
    "sampling.unseen": "destes estratos não chegou tráfego e eles mantêm as probabilidades da suíte: {names}",
    "sampling.minutes": "{n} min",
    "sampling.hours": "{n} h",
    "sampling.days": "{n} dias",
    "sampling.days.one": "{n} dia",
}
