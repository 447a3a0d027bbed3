"""Portuguese: what the `production` rule says."""

from __future__ import annotations

MESSAGES = {
    "rule.production": "em produção pelo menos {bound}",
    "production.days": "{n} dias",
    "production.days.one": "{n} dia",
    "production.windows": "{n} janelas",
    "production.windows.one": "{n} janela",
    "production.others": " (outras {n} foram pontuadas por outra versão da verificação, ou só em parte)",
    "production.others.one": " (mais {n} foi pontuada por outra versão da verificação, ou só em parte)",
    "result.production": "{windows}, {days}",
    "state.above_floor/production": (
        "{what} alcança em produção os {bound} exigidos: {value}, entre {low} e {high}, ao longo de {days}."
    ),
    "state.below_floor/production": (
        "{what} fica em produção abaixo dos {bound} exigidos: {value}, entre {low} e {high}, ao longo de {days}."
    ),
    "state.unclear/production": (
        "Não está claro se {what} alcança {bound} em produção: {value}, entre {low} e {high}, ao longo de {days}."
    ),
    "state.unscored_decides/production": (
        "{what} em produção depende de {unscored} de {planned} interações da amostra que estão sem pontuação:"
        " {value} nas demais, entre {low} e {high} com elas."
    ),
    "state.too_few/production": (
        "{what} em produção se apoia em uma amostra pequena demais: {n} interações pontuadas de {clusters} conversas."
    ),
    "state.no_windows": (
        "{what} não é conhecido em produção: esta versão da verificação não pontuou nenhuma janela fechada nos últimos"
        " {days}{others}."
    ),
    "state.silent": "{what} não é conhecido em produção: há {silent} nada é pontuado.",
    "state.windows_short": (
        "{what} não é conhecido em produção: as janelas que esta versão da verificação pontuou cobrem {covered} de"
        " {days}{others}."
    ),
    "state.suspect_weights": (
        "{what} não é conhecido em produção: a amostra de controle contradiz as probabilidades com que a amostra de"
        " {days} foi sorteada."
    ),
    "state.let_through_better": (
        "Não está demonstrado que {what} alcance {bound} em produção ({shown}). A mudança passa assim mesmo: está"
        " demonstrado que ela é melhor que a linha de base justamente nisto."
    ),
    "state.let_through_rollback": (
        "Não está demonstrado que {what} alcance {bound} em produção ({shown}). A mudança passa assim mesmo: ela volta"
        " à revisão da execução {detail}, uma linha de base aceita."
    ),
    "state.let_through_glass": (
        "Não está demonstrado que {what} alcance {bound} em produção ({shown}). A MUDANÇA PASSA POR DECISÃO MANUAL de"
        " {detail}."
    ),
    "more.production_to_pass": "mais {real} interações pontuadas decidem se {value} for real: então passa",
    "more.production_to_pass.one": "mais {real} interação pontuada decide se {value} for real: então passa",
    "more.production_to_fail": "mais {real} interações pontuadas decidem se {value} for real: então falha",
    "more.production_to_fail.one": "mais {real} interação pontuada decide se {value} for real: então falha",
    "decide.no_windows": (
        "um worker precisa fechar janelas com esta suíte; `evalgate traffic score` pontua as de dias passados"
    ),
    "decide.silent": "ver se chega tráfego e se o worker o pontua",
    "decide.windows_short": (
        "esperar mais janelas, pontuar as de dias passados com `evalgate traffic score` ou pedir menos dias"
    ),
    "decide.suspect_weights": "descobrir por que a amostra não é a que foi sorteada e pontuar as janelas de novo",
    "decide.production_sample": "sortear uma amostra maior de produção ou pedir mais dias",
    "note.glass_not_broken": (
        "--break-glass não foi usado: não é só a produção que barra esta mudança, então nada foi anulado."
    ),
    "explain.demands.production": (
        "Em produção, o nível real de {what} nos últimos dias deve ser de pelo menos {bound}: o de todo o tráfego,"
        " estimado com a amostra pontuada."
    ),
    "explain.production": (
        "Lido: {windows}, de {since} a {until} UTC, que cobrem {covered} de {days}{others}; a amostra representa"
        " {population} interações."
    ),
    "explain.change.production.pass": "Só o que a produção mostrar nos próximos dias.",
    "explain.change.production.fail": (
        "Respostas melhores em produção. Até lá podem entrar: uma volta a uma linha de base aceita, um candidato que"
        " demonstre ser melhor nesta métrica e o que alguém deixar passar com `--break-glass`."
    ),
    "method.sampled-t": (
        "Limites de uma média amostral pela t de Student: cada interação pesa 1/p, em que p é a probabilidade com que"
        " foi sorteada, e o que varia são conversas inteiras."
    ),
    "method.sampled-korn-graubard": (
        "Limites de uma proporção amostral com o número de interações reduzido ao que a amostra vale (Korn-Graubard)."
    ),
    "method.sampled-census": "Todas as interações foram pontuadas: não há intervalo.",
    "plan.sees_production": "janelas fechadas de {n} dias, lidas na hora de decidir",
    "plan.sees_production.one": "janelas fechadas de {n} dia, lidas na hora de decidir",
}
