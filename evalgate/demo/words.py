"""What the demo says around the gate's own pages, in the language of the reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "es", "pt"]

WORDS: Mapping[str, Mapping[Language, str]] = {
    "scene": {
        "en": (
            "Acme's support assistant answers customers in Spanish, Portuguese and English.\n"
            "A new version, acme-bot-2, should replace acme-bot-1. Both answered the same {cases} questions.\n"
            "May it be deployed?"
        ),
        "es": (
            "El asistente de Acme atiende a sus clientes en español, portugués e inglés.\n"
            "Una versión nueva, acme-bot-2, debe sustituir a acme-bot-1."
            " Las dos respondieron las mismas {cases} preguntas.\n"
            "¿Se puede desplegar?"
        ),
        "pt": (
            "O assistente da Acme atende clientes em espanhol, português e inglês.\n"
            "Uma versão nova, acme-bot-2, deve substituir a acme-bot-1."
            " As duas responderam as mesmas {cases} perguntas.\n"
            "Ela pode ser implantada?"
        ),
    },
    "by_hand": {
        "en": (
            "The judge's replies were written by hand for this example and are served by a small local server\n"
            "({url}): no model is asked and nothing leaves this machine."
        ),
        "es": (
            "Las respuestas del juez se escribieron a mano para este ejemplo y las sirve un pequeño servidor local\n"
            "({url}): no se consulta ningún modelo y nada sale de esta máquina."
        ),
        "pt": (
            "As respostas do juiz foram escritas à mão para este exemplo e são servidas por um pequeno servidor local\n"
            "({url}): nenhum modelo é consultado e nada sai desta máquina."
        ),
    },
    "live": {
        "en": (
            "{model} will judge: at most {calls} calls, about ${cost:.2f} as planned; no run spends more than ${cap:g}."
        ),
        "es": (
            "Juzgará {model}: {calls} llamadas como máximo, unos {cost:.2f} USD según el plan;"
            " ninguna ejecución gasta más de {cap:g} USD."
        ),
        "pt": (
            "{model} vai julgar: no máximo {calls} chamadas, cerca de US$ {cost:.2f} pelo plano;"
            " nenhuma execução gasta mais de US$ {cap:g}."
        ),
    },
    "changed": {
        "en": "Changed by you and used as they are: {names}. Delete them to get them back as they were.",
        "es": "Modificados por ti y usados tal como están: {names}. Bórralos para recuperar los originales.",
        "pt": "Alterados por você e usados como estão: {names}. Apague-os para recuperar os originais.",
    },
    "first": {
        "en": "1. The gate looks at the new version",
        "es": "1. El control examina la versión nueva",
        "pt": "1. O controle examina a versão nova",
    },
    "repaired": {
        "en": (
            "2. The team repairs what the report shows\n"
            "   - no answer prints a tax number that the customer did not write ({cpf} did)\n"
            "   - questions are answered, not met with an offer of the Premium plan ({upsell}, most in Portuguese)\n"
            "   - deadlines are those of the policy, not invented ({days})\n"
            "   - no competitor is named ({competitor}), and the tone is the brand's ({register})\n"
            "   - Spanish and Portuguese questions are not answered in English ({language})"
        ),
        "es": (
            "2. El equipo corrige lo que muestra el informe\n"
            "   - ninguna respuesta muestra un número fiscal que el cliente no escribió (lo hacían {cpf})\n"
            "   - las preguntas se responden, sin ofrecer el plan Premium ({upsell}, casi todas en portugués)\n"
            "   - los plazos son los de la política, no inventados ({days})\n"
            "   - no se nombra a competidores ({competitor}) y el tono es el de la marca ({register})\n"
            "   - no se responde en inglés a preguntas en español o portugués ({language})"
        ),
        "pt": (
            "2. A equipe corrige o que o relatório mostra\n"
            "   - nenhuma resposta mostra um CPF que o cliente não escreveu ({cpf} mostravam)\n"
            "   - as perguntas são respondidas, sem oferta do plano Premium ({upsell}, quase todas em português)\n"
            "   - os prazos são os da política, não inventados ({days})\n"
            "   - nenhum concorrente é citado ({competitor}) e o tom é o da marca ({register})\n"
            "   - perguntas em espanhol e português não são respondidas em inglês ({language})"
        ),
    },
    "second": {
        "en": "3. The same gate looks at the repaired version",
        "es": "3. El mismo control examina la versión corregida",
        "pt": "3. O mesmo controle examina a versão corrigida",
    },
    "end": {
        "en": (
            "That is the whole job: FAIL with reasons (exit 1) stopped the deploy, PASS (exit 0) lets it through.\n"
            "Open {folder}/{failed} and {folder}/{passed} in a browser; the commands under Next work in {folder}.\n"
            "Change {folder}/suite.yaml and run `evalgate demo` again, or begin with your own answers:\n"
            "  evalgate init --from answers.jsonl"
        ),
        "es": (
            "Eso es todo: un FAIL con motivos (salida 1) detuvo el despliegue; un PASS (salida 0) lo deja pasar.\n"
            "Abre {folder}/{failed} y {folder}/{passed} en un navegador;"
            " las órdenes de «Siguiente paso» valen en {folder}.\n"
            "Cambia {folder}/suite.yaml y ejecuta `evalgate demo` otra vez, o empieza con tus propias respuestas:\n"
            "  evalgate init --from respuestas.jsonl"
        ),
        "pt": (
            "É isso: um FAIL com motivos (saída 1) barrou a implantação; um PASS (saída 0) deixa passar.\n"
            "Abra {folder}/{failed} e {folder}/{passed} em um navegador;"
            " os comandos de “Próximo passo” valem em {folder}.\n"
            "Mude {folder}/suite.yaml e rode `evalgate demo` de novo, ou comece com as suas próprias respostas:\n"
            "  evalgate init --from respostas.jsonl"
        ),
    },
}


def said(key: str, language: Language, /, **values: object) -> str:
    """Return a sentence in a language, filled in.

    >>> said("first", "pt")
    '1. O controle examina a versão nova'
    """
    return WORDS[key][language].format(**values)
