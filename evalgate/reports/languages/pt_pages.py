"""Brazilian Portuguese: the pages around the findings."""

from __future__ import annotations

MESSAGES = {
    # ── the console page ─────────────────────────────────────────────────────────────────────────────────────────────
    "page.verdict": "veredito",
    "page.check": "verificação",
    "page.rule": "regra",
    "page.result": "resultado",
    "page.why": "Por que falha",
    "page.not_decided": "Em aberto",
    "page.next": "Próximo passo",
    "page.report": "relatório",
    "page.decision": "decisão {name}",
    # ── explain ──────────────────────────────────────────────────────────────────────────────────────────────────────
    "explain.demands": "O que é exigido",
    "explain.measured": "O que foi medido",
    "explain.bound": "De onde vêm os limites",
    "explain.verdict": "Como se chega ao veredito",
    "explain.change": "O que mudaria isso",
    "explain.demands.never.any": "Nenhuma resposta pode violar {what}.",
    "explain.demands.never.new": (
        "Nenhuma resposta pode violar {what}, a não ser que a linha de base violasse no mesmo caso."
    ),
    "explain.demands.at_least": "O nível real de {what} deve ser de pelo menos {bound}.",
    "explain.demands.at_most": "Na realidade, no máximo {bound} das respostas podem violar {what}.",
    "explain.demands.no_worse_than": (
        "Nos mesmos casos, {what} pode perder na realidade no máximo {bound} para a linha de base."
    ),
    "explain.demands.better_than_baseline": (
        "Nos mesmos casos, {what} deve melhorar na realidade em relação à linha de base."
    ),
    "explain.demands.agreement": (
        "O juiz de {what} e as pessoas devem concordar, além do acaso, ao menos em {bound} (AC1)."
    ),
    "explain.demands.coverage": (
        "Dos resultados que {what} deveria ter, pelo menos {bound} devem ter pontuação; senão, nada passa por aí."
    ),
    "explain.demands.fact": "É preciso saber que vale: {what}.",
    "explain.advisory": "O controle é informativo: é mostrado e não conta.",
    "explain.slice_not_counted": "Um segmento pode reprovar o controle, mas um segmento em aberto não o segura.",
    "explain.counts": "Há pontuação para {n} de {planned} previstos.",
    "explain.unscored": "{n} estão sem pontuação ({reasons}); os limites supõem para cada um o pior valor.",
    "explain.unscored.one": "{n} está sem pontuação ({reasons}); os limites supõem para ele o pior valor.",
    "explain.not_applicable": "A verificação não se aplica a outros {n} casos.",
    "explain.not_applicable.one": "A verificação não se aplica a outro caso ({n}).",
    "explain.clusters": (
        "Os casos formam {n} grupos, que pesam como {effective} de tamanho igual;"
        " os casos de um grupo se parecem, por isso o que conta são os grupos."
    ),
    "explain.clusters.one": "Todos os casos formam {n} só grupo (peso {effective}): não há com que compará-lo.",
    "explain.cases": "Casos: {ids}.",
    "explain.as_judged": "Ninguém mediu este juiz: os números são como o juiz vê.",
    "explain.follows.pass.low": "O limite inferior não fica abaixo do exigido: passa até o pior que se encaixa.",
    "explain.follows.fail.low": "O limite superior fica abaixo do exigido: não passa nem o melhor que se encaixa.",
    "explain.follows.inconclusive.low": "O exigido fica entre os limites: o medido combina com passar e com falhar.",
    "explain.follows.pass.high": "O limite superior não passa do permitido: passa até o pior que se encaixa.",
    "explain.follows.fail.high": "O limite inferior passa do permitido: não passa nem o melhor que se encaixa.",
    "explain.follows.inconclusive.high": "O permitido fica entre os limites: o medido combina com passar e com falhar.",
    "explain.change.pass": "Só outras respostas: mais casos como estes estreitariam os limites e também passariam.",
    "explain.change.fail": "Só respostas melhores: mais casos como estes estreitariam os limites e também falhariam.",
    "explain.change.never.pass": "Uma única violação.",
    "explain.change.never.fail": "Só respostas sem violação; mais casos não desfazem nenhuma.",
    "explain.more": "As fórmulas: docs/reference/statistics.md",
    "method.t": "Limites de uma média pela t de Student.",
    "method.clustered": "O que varia são grupos inteiros, com graus de liberdade conforme os tamanhos.",
    "method.guarded": (
        "Menos de 30 casos ou grupos se moveram, poucos para a t sozinha: cada limite é calculado como se mais um"
        " tivesse saído com o pior valor, ou com o melhor."
    ),
    "method.all-tied": (
        "Nada variou: o limite diz que tamanho pode ter um efeito que ainda não aparece em nenhum de tantos."
    ),
    "method.clopper-pearson": "Limites exatos de uma proporção (Clopper-Pearson): valem com qualquer número de casos.",
    "method.korn-graubard": (
        "Limites de uma proporção com o número de casos reduzido ao que os grupos valem (Korn-Graubard)."
    ),
    "method.tango": (
        "Limites de uma diferença entre proporções pareadas (método de Tango), a partir dos que melhoram e pioram."
    ),
    "method.census": "É uma contagem de tudo o que há: sem intervalo.",
    "method.percentile": "Limites por reamostragem dos casos (bootstrap de percentis).",
    "method.betting": "Limites que valem por mais vezes que se olhe (apostas).",
    "method.ppi++": "O número do juiz corrigido com os rótulos de pessoas (PPI++).",
    "method.people-only": "Só os rótulos das pessoas: o juiz nada diz que ajude.",
    "method.ac1": "Concordância, além do acaso, entre o juiz e as pessoas (AC1).",
    "method.level": "Cada limite erra com probabilidade de no máximo {passes}.",
    "method.holm": (
        "O limite que aprova erra com probabilidade de no máximo {passes}. Vários testes de falha dividem esse erro,"
        " por isso o limite que reprova é tomado no nível de Holm, {fails}."
    ),
    # ── run and compare ──────────────────────────────────────────────────────────────────────────────────────────────
    "levels.run": "execução {run}",
    "levels.level": "nível",
    "levels.violations": "violações",
    "levels.not_applicable": "não se aplica",
    "levels.unscored": "sem pontuação",
    "levels.nothing_decided": "nada foi decidido: isso é com `evalgate gate`",
    "comparison.change": "mudança",
    "comparison.levels": "níveis",
    "comparison.better": "melhor",
    "comparison.worse": "pior",
    "comparison.unmatched_candidate": "{n} só na primeira",
    "comparison.unmatched_baseline": "{n} só na segunda",
    "comparison.changed_content": "{n} perguntados de outra forma",
    "comparison.outputs_unchanged": "{n} respondidos igual",
    "comparison.not_comparable": "não comparadas, porque a verificação difere entre as execuções: {metrics}",
    # ── plan ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    "plan.title": "Plano de {suite}",
    "plan.free": "não custa nada",
    "plan.cost": "cerca de {cost}",
    "plan.cap": "teto de gasto {cap}",
    "plan.over_cap": "O teto é menor que o custo: o controle pararia ali, em aberto.",
    "plan.nothing_called": "Nenhum modelo foi chamado e nada foi guardado.",
    "plan.checks": "Verificações",
    "plan.kind": "tipo",
    "plan.outputs": "respostas",
    "plan.calls": "consultas",
    "plan.multipliers": "ordens × juízes × repetições",
    "plan.times": "{orders} × {judges} × {repeats}",
    "plan.tokens": "cerca de {read} tokens lidos, {written} escritos",
    "plan.costs": "custo",
    "plan.judges": ("juiz: {judges}; respostas que não mudam são perguntadas uma vez, e o que está no diário nenhuma"),
    "plan.gates": "Controles",
    "plan.never": "nunca",
    "plan.needed": "precisa de",
    "plan.sees": "o que tantos casos podem mostrar",
    "plan.no_case": "nenhum caso com que decidir",
    "plan.sees_drop": "quedas de {drop} ou mais",
    "plan.sees_margin": "(margens a partir de {margin} se nada mudar)",
    "plan.sees_never": "cada violação",
    "plan.cannot_pass": "poucos demais para passar, mesmo sem falha",
    "plan.sees_failures": "passa com até {n} falhas de {total}",
    "plan.sees_failures.one": "passa com até {n} falha de {total}",
    "plan.sd_assumed": (
        "dispersão ainda desconhecida, supõe-se {sd} (a maior possível em pontuações);"
        " os grupos são tidos como parecidos pela metade"
    ),
    "plan.needed_help": (
        "precisa de: casos com que uma candidata sem mudança passa {power} das vezes, ou uma sem falhas passa um nível"
    ),
    "plan.defaults": "Valores padrão em vigor",
    # ── show ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    "cases.none": "não há casos",
    "cases.no_flips": "{check} não marca nenhum caso de outra forma",
    "cases.flips": "{check}: {n} casos marcados de outra forma",
    "cases.left_out": "mais {n} casos: --limit os mostra",
    "cases.left_out.one": "mais {n} caso: --limit o mostra",
    "cases.lines_left_out": "… mais {n} linhas",
    "cases.lines_left_out.one": "… mais {n} linha",
    # ── Markdown and HTML ────────────────────────────────────────────────────────────────────────────────────────────
    "cases.worst": "Os {n} piores casos (dados pessoais mascarados)",
    "cases.worst.one": "O pior caso (dados pessoais mascarados)",
    "cases.case": "caso",
    "cases.more": "Mais {n} casos não cabem aqui; estão no relatório HTML e em `evalgate show`.",
    "cases.more.one": "Mais {n} caso não cabe aqui; está no relatório HTML e em `evalgate show`.",
    "findings.more": "Mais {n} resultados não cabem aqui; estão no relatório HTML.",
    "findings.more.one": "Mais {n} resultado não cabe aqui; está no relatório HTML.",
    "html.skip": "Ir para os casos",
    "html.theme": "Claro ou escuro",
    "html.findings": "Resultados",
    "html.interval": "intervalo",
    "html.legend": "linha grossa: o exigido · tracejada: sem mudança · seta: continua fora da escala",
    "html.cases": "Casos",
    "html.filter": "Filtrar",
    "html.check": "Verificação",
    "html.slice": "Segmento",
    "html.kind": "O que aconteceu",
    "html.all": "todos",
    "html.kind.violation": "violação",
    "html.kind.worse": "piorou",
    "html.kind.better": "melhorou",
    "html.kind.unscored": "sem pontuação",
    "html.kind.same": "sem mudança",
    "html.shown": "{n} de {total} casos à vista",
    "html.reset": "Mostrar todos",
    "html.no_cases": "Nenhum caso violou, mudou ou ficou sem pontuação.",
    "html.left_out": "Mais {n} casos não estão nesta página; `evalgate show` os tem.",
    "html.left_out.one": "Mais {n} caso não está nesta página; `evalgate show` o tem.",
    "html.text_left_out": "… mais {n} caracteres",
    "html.baseline": "Linha de base",
    "html.candidate": "Candidata",
    "html.question": "Pergunta",
    "html.context": "Contexto",
    "html.other_marks": "Sem mudança",
    "html.unscored": "Sem pontuação",
    "html.nothing_unscored": "Tudo o que estava previsto tem pontuação.",
    "html.record": "Registro",
    "html.digest": "digest do registro (SHA-256)",
    "html.suite": "suíte",
    "html.judges": "juízes",
    "html.made_by": "feito por",
    "html.verify": "`evalgate verify` recalcula cada limite, o veredito e os resultados só com o registro.",
    "html.masked": "Nesta página os dados pessoais e os segredos estão mascarados.",
}
