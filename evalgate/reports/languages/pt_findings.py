"""Brazilian Portuguese: findings, states, notes and numbers."""

from __future__ import annotations

MESSAGES = {
    # ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────
    "number.decimal": ",",
    "number.thousands": ".",
    "number.percent": "{number}%",
    "number.points": "{number}\xa0pp",
    "number.money": "US$\u00a0{number}",
    "number.small_money": "menos de US$\u00a00,01",
    "number.about": "≈\u00a0{number}",
    "number.seconds": "{seconds}\u00a0s",
    "number.minutes": "{minutes}\u00a0min {seconds}\u00a0s",
    # ── verdicts ─────────────────────────────────────────────────────────────────────────────────────────────────────
    "verdict.pass": "Passa",
    "verdict.fail": "Falha",
    "verdict.inconclusive": "Em aberto",
    "headline.pass": "Pode ser implantada: {suite} passa",
    "headline.fail": "Não implantar: {suite} falha",
    "headline.inconclusive": "Não implantar ainda: {suite} está em aberto",
    "headline.advisory.pass": "Só informativo até {date}, seria PASS: {suite}",
    "headline.advisory.fail": "Só informativo até {date}, seria FAIL: {suite}",
    "headline.advisory.inconclusive": "Só informativo até {date}, seria INCONCLUSIVE: {suite}",
    "advice.pass": "Pode ser implantada.",
    "advice.fail": "Não implantar.",
    "advice.inconclusive": "Não implantar ainda.",
    "lead.pass": "As {n} condições são cumpridas.",
    "lead.fail": "Falham {fails} de {n} condições.",
    "lead.inconclusive": "Estão em aberto {open} de {n} condições.",
    "lead.also": "Em aberto: {open}.",
    "advisory.would_be": "ADVISORY (informativo), seria {verdict}",
    "against": "{candidate} contra {baseline}",
    "no_baseline": "sem linha de base",
    "exit": "saída {code}",
    # ── the facts of a run ───────────────────────────────────────────────────────────────────────────────────────────
    "facts.pairs": "{n} pares",
    "facts.pairs.one": "{n} par",
    "facts.cases": "{n} casos",
    "facts.cases.one": "{n} caso",
    "facts.clusters": "{n} grupos",
    "facts.clusters.one": "{n} grupo",
    "facts.unchanged": "{n} respostas iguais, não são julgadas duas vezes",
    "facts.unchanged.one": "{n} resposta igual, não é julgada duas vezes",
    "facts.calls": "{n} consultas ao juiz",
    "facts.calls.one": "{n} consulta ao juiz",
    "facts.recalled": "{n} recuperadas do diário",
    "facts.unscored": "{n} sem pontuação",
    "facts.unscored_why": "{n} sem pontuação ({reasons})",
    "facts.revision": "respostas feitas com {revision}",
    "facts.judges": "juiz {judges}",
    "facts.judges_uncalibrated": "juiz {judges}: sem calibração, {metrics} como o juiz vê",
    "facts.samples": "{n} respostas",
    "facts.samples.one": "{n} resposta",
    # ── rules ────────────────────────────────────────────────────────────────────────────────────────────────────────
    "rule.never": "{scope}",
    "rule.at_least": "pelo menos {bound}",
    "rule.at_most": "no máximo {bound}",
    "rule.no_worse_than": "não pior que {bound}",
    "rule.better_than_baseline": "melhor que a linha de base",
    "rule.agreement": "concorda com as pessoas: {bound}",
    "rule.coverage": "{bound} pontuado",
    "rule.fact": "deve valer",
    "rule.advisory": "{rule}, informativo",
    "scope.any": "nenhuma violação",
    "scope.new": "nenhuma nova",
    "fact.outputs_current": "respostas desta mudança",
    "fact.one_judge": "um mesmo juiz para as duas versões",
    "fact.baseline": "uma linha de base com que comparar",
    # ── what was measured, in a cell ─────────────────────────────────────────────────────────────────────────────────
    "result.interval": "{value} [{low}; {high}]",
    "result.levels": "{before} → {now}",
    "result.hits.any": "{n} violações",
    "result.hits.any.one": "{n} violação",
    "result.hits.new": "{n} novas",
    "result.hits.new.one": "{n} nova",
    "result.true_rate": "taxa real ≤\xa0{high}",
    "result.baseline_hits": "linha de base {n}",
    "result.scored": "{n} de {planned} com pontuação",
    "result.of_n": "{n} de {planned}",
    "result.not_measured": "não medido",
    "result.not_visible": "poucos casos",
    "result.visible": "vê quedas a partir de {visible}",
    "result.raw": "o juiz sozinho {figure}",
    "result.corrected": "com {n} rótulos {figure}",
    "result.corrected.one": "com {n} rótulo {figure}",
    "result.as_judged": "como o juiz vê",
    "coverage.all": "cobertura",
    "in_slice": "{metric} em {slice}",
    "no_reason": "sem motivo indicado",
    # ── states: what follows, in one sentence ────────────────────────────────────────────────────────────────────────
    "state.better": "{what} melhorou: {value}, entre {low} e {high}.",
    "state.not_worse": (
        "{what} não perde para a linha de base mais que os {bound} permitidos: {value}, entre {low} e {high}."
    ),
    "state.worse_within_margin": (
        "{what} piorou um pouco, dentro dos {bound} permitidos: {value}, entre {low} e {high}."
    ),
    "state.worse_size_unclear": (
        "{what} piorou, e não está claro se mais que os {bound} permitidos: {value}, entre {low} e {high}."
    ),
    "state.worse_beyond_margin/no_worse_than": (
        "{what} piorou mais que os {bound} permitidos: {value}, entre {low} e {high}."
    ),
    "state.worse_beyond_margin/better_than_baseline": (
        "{what} piorou, e é exigido que melhore: {value}, entre {low} e {high}."
    ),
    "state.unclear/no_worse_than": (
        "Não está claro se {what} perdeu mais que os {bound} permitidos: {value}, entre {low} e {high}."
    ),
    "state.unclear/better_than_baseline": "Não está claro se {what} melhorou: {value}, entre {low} e {high}.",
    "state.unclear/at_least": "Não está claro se {what} alcança {bound}: {value}, entre {low} e {high}.",
    "state.unclear/at_most": (
        "Não está claro se no máximo {bound} das respostas violam {what}:"
        " {hits} de {n} violam, uma taxa real entre {low} e {high}."
    ),
    "state.above_floor": "{what} alcança os {bound} exigidos: {value}, entre {low} e {high}.",
    "state.below_floor": "{what} fica abaixo dos {bound} exigidos: {value}, entre {low} e {high}.",
    "state.within_rate": (
        "{hits} de {n} respostas violam {what}, uma taxa real de no máximo {high}; são permitidos {bound}."
    ),
    "state.beyond_rate": (
        "{what} é violado com mais frequência que os {bound} permitidos:"
        " {hits} de {n} respostas, uma taxa real entre {low} e {high}."
    ),
    "state.clean/any": "Nenhuma resposta viola {what}: 0 de {n}; ainda caberia uma taxa real de até {high}.",
    "state.clean/new": (
        "Nenhuma resposta viola {what} onde antes não violava: 0 de {n}; ainda caberia uma taxa real de até {high}."
    ),
    "state.violations/any": "{hits} respostas violam {what}; nenhuma pode violar.",
    "state.violations/any.one": "{hits} resposta viola {what}; nenhuma pode violar.",
    "state.violations/new": "{hits} respostas violam {what} onde a linha de base não violava; nenhuma pode violar.",
    "state.violations/new.one": "{hits} resposta viola {what} onde a linha de base não violava; nenhuma pode violar.",
    "state.covered": "{what}: {n} de {planned} resultados têm pontuação; são exigidos {bound}.",
    "state.coverage_short": "{what}: só {n} de {planned} resultados têm pontuação; são exigidos {bound}.",
    "state.holds": "{what}: vale ({detail}).",
    "state.does_not_hold": "{what}: não vale ({detail}).",
    "state.not_known": "{what}: não se sabe ({detail}).",
    "state.too_few/none": "{what} não tem nenhum caso pontuado com que decidir.",
    "state.too_few": "{what} se apoia em poucos casos independentes: {n} casos em {clusters} grupos.",
    "state.not_visible/none": "{what} não tem nenhum caso pontuado.",
    "state.not_visible": "{what} tem poucos casos ({n}) para mostrar uma queda menor que {visible}.",
    "state.unscored_decides/never": (
        "{what} não pode passar enquanto {unscored} de {planned} resultados estiverem sem pontuação:"
        " qualquer um pode ser uma violação."
    ),
    "state.unscored_decides": (
        "{what} depende de {unscored} de {planned} resultados sem pontuação: {value} no resto,"
        " entre {low} e {high} com eles."
    ),
    "state.uncalibrated": "{what} passaria como o juiz vê, mas isso nada diz das pessoas: {detail}.",
    "state.uncalibrated/never": "{what} passaria como o juiz vê, mas ninguém mediu este juiz.",
    "state.few_labels": "{what} é corrigido com rótulos de pessoas, e são poucos demais para decidir: {detail}.",
    "state.few_labels/agreement": "Não se sabe se o juiz de {what} concorda com as pessoas: {detail}.",
    "state.agrees": ("O juiz de {what} concorda com as pessoas (AC1 {value}, entre {low} e {high}); exige-se {bound}."),
    "state.disagrees": (
        "O juiz de {what} não concorda o bastante com as pessoas: AC1 {value}, entre {low} e {high}; exige-se {bound}."
    ),
    "state.unclear/agreement": (
        "Não está claro se o juiz de {what} concorda o bastante com as pessoas: AC1 {value}, entre {low} e {high}."
    ),
    "state.unconfirmed": (
        "O juiz vê {hits} violações de {what}; uma pessoa precisa confirmar uma para que o controle falhe."
    ),
    "state.unconfirmed.one": (
        "O juiz vê {hits} violação de {what}; uma pessoa precisa confirmá-la para que o controle falhe."
    ),
    # ── what would decide it ─────────────────────────────────────────────────────────────────────────────────────────
    "more.same": "mais {unchanged} casos decidem se nada mudou",
    "more.same.one": "bastam estes casos se nada mudou",
    "more.drop": "mais {unchanged} casos decidem se nada mudou; mais {real} se a queda de {size} for real",
    "more.drop.one": "bastam estes casos se nada mudou; mais {real} se a queda de {size} for real",
    "more.gain": "mais {unchanged} casos decidem se nada mudou; mais {real} se a melhora de {size} for real",
    "more.gain.one": "bastam estes casos se nada mudou; mais {real} se a melhora de {size} for real",
    "more.lost": (
        "mais {unchanged} casos decidem se nada mudou; se a queda de {size} for real, mais casos não farão passar"
    ),
    "more.lost.one": "bastam estes casos se nada mudou; se a queda de {size} for real, mais casos não farão passar",
    "more.to_pass": "mais {real} casos decidem se {value} for o valor real: então passa",
    "more.to_pass.one": "mais {real} caso decide se {value} for o valor real: então passa",
    "more.to_fail": "mais {real} casos decidem se {value} for o valor real: então falha",
    "more.to_fail.one": "mais {real} caso decide se {value} for o valor real: então falha",
    "more.never": "mais casos não farão passar",
    "decide.scores": "é preciso pontuar {needed} dos {unscored} resultados sem pontuação",
    "decide.coverage": "é preciso pontuar mais {needed} resultados",
    "decide.coverage.one": "é preciso pontuar mais {needed} resultado",
    "decide.uncalibrated": "que pessoas meçam o juiz, corrigi-lo com rótulos, ou escrever `uncalibrated: allow`",
    "decide.few_labels": "que pessoas rotulem mais casos",
    "decide.unconfirmed": "que uma pessoa veja os casos que o juiz aponta",
    "decide.fact": "{detail}",
    "decide.cases": "são precisos casos a que se aplique, e mais casos independentes",
    "decide.visible": "mostra uma queda de {visible} ou mais; para ver menos são precisos mais casos",
    "decide.nothing": "está decidido",
    # ── why ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    "why.moved": "{lost} pioraram, {gained} melhoraram.",
    "why.carried": "Pesa sobretudo {slice}: {lost} piores, {gained} melhores.",
    "why.often": "Motivo mais comum: “{reason}” ({n} de {total}).",
    "why.more_cases": "e mais {n}",
    "case.question": "pergunta",
    "case.was": "antes",
    "case.now": "agora",
    "case.because": "motivo",
    "case.context": "contexto",
    "case.no_answer": "(vazia)",
    "case.not_in_baseline": "(a linha de base não responde a este caso)",
    "case.repeat": "repetição {n}",
    # ── notes ────────────────────────────────────────────────────────────────────────────────────────────────────────
    "note.age_not_checked": (
        "Idade não conferida: com --revision ou --changed-at, respostas de outra versão ou anteriores à mudança"
        " não contam."
    ),
    "note.baseline_cases_unanswered": "{unmatched_baseline} casos da linha de base não têm resposta na candidata.",
    "note.candidate_cases_new": "{unmatched_candidate} casos da candidata são novos: a linha de base não os responde.",
    "note.content_changed": (
        "{changed_content} casos foram perguntados de outra forma na linha de base e não são comparados."
    ),
    "note.uncalibrated": "Ninguém mediu o juiz: o que ele diz conta porque a suíte permite, como o juiz vê.",
    "note.candidate_model_unknown": (
        "Nem todas as linhas dizem qual modelo respondeu: não se notaria um juiz que julga a si mesmo."
    ),
    "note.advisory": "Só informativo até {date}: mostrado por inteiro, sem obrigar.",
    "note.replies_by_hand": "As respostas do juiz foram escritas à mão para este exemplo.",
    "intervals.plain": "intervalos: dois limites unilaterais de {level}",
    "intervals.holm": (
        "intervalos: dois limites unilaterais de {level}; o que reprova, no nível de Holm (até {alpha})"
        " onde vários testes dividem o erro"
    ),
    "intervals.not_counted": "em minúsculas: mostrado, não conta",
    "unscored.missing": "falta",
    "unscored.invalid": "não é uma pontuação",
    "unscored.unknown": "julgado “unknown”",
    "unscored.unreadable": "resposta ilegível",
    "unscored.refused": "recusado",
    "unscored.unavailable": "juiz indisponível",
    "unscored.over_budget": "teto de gasto atingido",
    "unscored.order": "as duas ordens discordam",
    "unscored.not_comparable": "outra versão da verificação",
    "unscored.crashed": "a verificação foi interrompida",
    "mark.not_applicable": "não se aplica",
    "mark.unscored_why": "sem pontuação: {reason}",
    "mark.holds": "cumpre",
    "mark.violates": "viola",
    "mark.none": "–",
}
