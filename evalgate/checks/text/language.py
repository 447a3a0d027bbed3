"""Which language a text is in: a quick answer from its commonest words, and a firm one from a model of languages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy
from functools import lru_cache
from typing import Any

from evalgate.checks.text.words import blank_words

_WORDS = {
    "en": """
        a about account after again all already also always am an and another any anything are as ask at available
        back be because been before being best better both but by call can can't cannot change check choose click
        could date day days did didn't different do does doesn't doing don't done each either email enough even every
        everything few file files find first for found from full get getting give go going good got great had has have
        haven't having he hello help her here hi his how hours however i i'd i'll i'm i've if in information into is
        isn't it it's its just keep know last later least less let let's like line list long look looking made make
        many may me might minutes missing money more most much must my name need needs never new next no not nothing
        now number of off on once one only open option or order orders other our out over own page pay payment phone
        please price problem question quite read really receive received refund return right said same say see send
        sent set she should show since so some someone something sorry start still stop such sure take tell than thank
        thanks that that's the their them then there there's these they thing things think this those through time to
        today tomorrow too try two under until up update us use used using very want was way we we'll we're week well
        were what what's when where whether which while who why will with within without won't work working would
        wrong year years yes yesterday yet you you'll you're you've your
        """,
    "es": """
        a abajo además ahora al algo alguien algún alguna algunas algunos allí antes año años aquel aquí archivo
        archivos aún aunque ayer ayuda bajo bien buenas bueno buenos cada casi como cómo con conmigo contigo contra
        correo cual cuál cuales cualquier cuando cuándo cuánto cuánta cuántos cuenta da dame datos de debe deben debes
        debería decir dentro desde después día días dice dirección donde dónde dos durante el él ella ellos en
        entonces entre envío era eres es esa esas ese eso esos esta está estaba estado están estar estas estás este
        esto estos estoy falta fecha forma fue fuera gracias ha había haber hace hacemos hacer hacerlo haces hacia
        hago hasta han has hay haya he hemos hizo hola hora horas hoy igual incluso información instalar ir la las le
        les línea lleva llegar llegado lo los luego lugar mañana más mayor me mejor menos mensaje mes meses mi mí
        mientras mis misma mismo momento mucha muchas mucho muchos muy nada nadie necesita necesitas necesito ni
        ningún ninguna no nombre nos nosotros nuestra nuestras nuestro nuestros nueva nuevo número nunca orden os otra
        otras otro otros página para parece pedido pero persona plazo poco podemos podría poner por porque precio
        primero problema producto puede pueden puedes puedo pues que qué quien quién quiere quieres quiero recibir
        saber se sé sea según semana semanas ser si sí sido siempre siento siguiente sin sino sobre solo sólo somos
        son soy su sus tal también tampoco tan tanto te tenemos tener tengo tiempo tiene tienen tienes tienda tipo
        toda todas todavía todo todos tras tres tu tú tus último un una unas uno unos usa usar usted ustedes usuario
        va valor vamos van varias varios vas veces ver vez vía vos voy y ya yo
        """,
    "pt": """
        a à abaixo acima acesso agora ainda além algo alguém algum alguma algumas alguns ali amanhã ano anos antes ao
        aos apenas apesar aplicativo aqui aquele aquela aquilo arquivo arquivos as às assim até através boa bom bem
        cada caso chegar chegou coisa com como comigo compra conta contra cujo da dados daqui das data de dela dele
        deles dentro depois desde dessa desse deste desta deve devem dever devo dia dias disso disse do dois dos duas
        durante e é ela elas ele eles em embora endereço enquanto então entrega entre envio era eram erro és essa
        essas esse esses esta está estão estar estas estava este estes estou eu falta faz fazem fazer feito fica ficar
        ficou foi fora foram forma gente grande há hoje hora horas informações ir isso isto já lá lhe lhes linha loja
        logo lugar maior mais mas me meio melhor menos mensagem mês meses mesma mesmo meu meus mil minha minhas muita
        muitas muito muitos na nada não nas necessário nem nenhum nenhuma nessa nesse neste nesta ninguém no nome nos
        nós nossa nossas nosso nossos nova novo num numa número nunca o obrigado obrigada oi olá onde ontem opção os
        ou outra outras outro outros página pagamento para pela pelas pelo pelos pessoa pode podem podemos poder
        poderia põe por porque porquê posso pouco pra prazo precisa preciso precisamos preço primeiro produto problema
        próprio próxima próximo qual quais qualquer quando quanto quantos quase que quê quem quer querem quero
        saber são se segue seguinte seja sem semana semanas sempre senão senha ser será serviço seu seus si sido sim
        sinto só sob sobre somente sou sua suas tal também tampouco tanto tão te tela tem têm temos tempo tenha tenho
        ter teu tipo tive toda todas todavia todo todos três trás tu tua tudo último um uma umas uns usar utilizar
        usuário vai valor vamos vão vários você vocês vez vezes viu voltar vou nao voce tambem ja ate sao entao voces
        """,
    "other": """
        le les des du et est une dans pour pas qui sur avec il elle nous vous ils sont plus ne ce cette au aux été
        être avoir fait peut votre nos mon je tu j'ai c'est n'est d'un d'une l'on mais ou où donc comme tout tous très
        bien merci bonjour deux fichier gli della dello dei degli delle di da nel nella non è sono che per più anche
        come ma questo questa ho hai ha abbiamo essere stato può tuo mio suo alla allo dal dalla sul sulla perché
        grazie ciao vostro nostro quando dove cosa molto fare tutti der die das den dem und ist nicht ein eine einen
        einem mit auf für von zu im sich auch als an es bei nach wie wird werden sie ich wir ihr aber oder wenn dass
        kann können haben hat sind war noch nur über bitte danke zum zur els amb però és són dels més molt aquest
        aquesta també fins perquè què seva unes això sense ser té tots fer het een niet van en dat deze voor zijn naar
        maar ook wij jij uw heeft worden kunnen l'arxiu fitxer arxiu està estat pot poden heu vostre vostra quan cal
        pels nom ordre unha dunha nunha xa máis tamén moi coa cos polos polas súa
        """,
}
"""The commonest words of each language, those of customers and of machines; `other` is French, Italian, German,
Catalan, Galician and Dutch, which tell what is none of the three."""

_WORDS_OF = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_OWN = {language: _WORDS_OF[language] for language in ("en", "es", "pt")}
_KNOWN = frozenset().union(*_WORDS_OF.values())
_OTHER = _WORDS_OF["other"] - frozenset().union(*_OWN.values())
_PLACES = {"en": 0, "es": 16, "pt": 32}
_COUNTS = {
    word: sum(1 << place for one, place in _PLACES.items() if word in _OWN[one]) or 1 << 48 for word in sorted(_KNOWN)
}
"""Word to 1 in 16 bits of each language that has it, or of others: the sum counts a text's words of all in one go."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_CLUES = re.compile(
    r"(?P<es>[ñ¿¡]|ci[oó]n|ciones|dad\b|ll|(?<![qg])ue(?=[dlnrstvz])|ie(?=[nrstm]))"
    r"|(?P<pt>[ãõçêôâà]|ss|lh|nh|(?<=[aeo])m\b|ei|ou|dade\b|agem\b)"
    r"|(?P<en>th|wh|sh|ck|gh|ee|oo|ing\b|ly\b|ed\b|y\b|[wk]|['’][stmdlv])"
)
"""Letters and endings that one language has and another lacks; asked where the words do not tell."""
_READ = 400
"""Characters that are enough to tell."""
_MODEL_READS = 300
_SHORT = 200
"""Characters from which on the words between blanks are enough; in a shorter text every word counts."""

_CODES = """
    af am ar as az be bg bn br bs ca cs cy da de el en eo es et eu fa fi fr fy ga gd gl gu ha he hi hr ht hu hy id ig is
    it ja jv ka kk km kn ko ku ky la lb lg ln lo lt lv mg mk ml mn mr ms mt my ne nl nn no oc om or pa pl ps pt qu ro ru
    rw sa se si sk sl sn so sq sr st sv sw ta te tg th tk tl tr tt ug uk ur uz vi vo wa xh yo zh zu
"""
MODEL_LANGUAGES = frozenset(_CODES.split())
"""The languages with a code of two letters that the model knows."""
_CHOICES = "en es pt fr it de nl ca pl tr ru uk ar he el hi zh ja ko th"
"""The languages the model chooses among, besides those that are wanted: the fewer, the surer it is of a short text."""


def language_of(text: str) -> str | None:
    """Return en, es or pt, or None when neither words nor letters tell which.

    >>> [language_of(text) for text in ("¿Cómo está hoy?", "Você não está só", "Where are you?", "Ja, danke", "12")]
    ['es', 'pt', 'en', None, None]
    """
    start = text[:_READ].lower()
    if len(start) > _SHORT:
        best = _clearly(start.split())
        if best:
            return best
    known = _KNOWN.intersection(_WORD.findall(start))
    return _clearly(known) or (_by_letters(start, known) if known else None)


def _by_letters(start: str, known: frozenset[str]) -> str | None:
    """Return the language of a text in which a few words are known, its letters and endings counted too."""
    scores = {one: 2 * len(known & own) for one, own in _OWN.items()}
    if not any(scores.values()):
        return None
    other = 4 * len(known & _OTHER)
    for clue in _CLUES.finditer(start):
        scores[str(clue.lastgroup)] += 1
    _, second, most = sorted(scores.values())
    return max(scores, key=scores.__getitem__) if most > max(second, other, 1) else None


def _clearly(words: Iterable[str]) -> str | None:
    told = sum(map(_COUNTS.__getitem__, _KNOWN.intersection(words)))
    english, spanish, portuguese, other = told & 0xFFFF, told >> 16 & 0xFFFF, told >> 32 & 0xFFFF, told >> 48
    _, second, most = sorted((english, spanish, portuguese))
    if most < second + 3 or most <= 2 * other:
        return None
    return "en" if english == most else "es" if spanish == most else "pt"


def tally(text: str, language: str) -> tuple[int, int]:
    """Return how many different common words of en, es or pt a text has, and how many that are not of that language.

    Words are what blanks divide, so that one before a comma is missed: quick, for texts of some length.
    """
    known = _KNOWN.intersection(blank_words(text))
    own = len(known & _OWN[language])
    return own, len(known) - own


def identify(text: str, wanted: Iterable[str]) -> tuple[str, float]:
    """Return the likeliest language of a text (its first 300 code points) and how likely it is, by the model.

    The model chooses among the languages that are wanted and 20 more. Loading it takes half a second, once.
    """
    language, likely = _model(frozenset(wanted)).classify(text[:_MODEL_READS])
    return str(language), float(likely)


@lru_cache(maxsize=16)
def _model(wanted: frozenset[str]) -> Any:
    model = copy(_whole_model())
    model.set_languages(wanted.union(_CHOICES.split()))
    return model


@lru_cache(maxsize=1)
def _whole_model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
