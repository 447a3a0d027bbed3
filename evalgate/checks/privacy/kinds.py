"""The kinds of personal data that are found: what each looks like, whose it is, and what makes it sure.

A number counts when its shape and its check digits are right. By chance 1 % of bare 11-digit numbers pass as a CPF and
10 % of 16-digit ones as a card, so a number without its usual punctuation is sure only near a word that says what it
is. Check digits: python-stdnum, and by hand where it has none (CLABE of Mexico, CI of Uruguay, NISS of Portugal).
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

Kind = Literal[
    "email",
    "card",
    "iban",
    "phone",
    "ip",
    "mac",
    "gps",
    "birth_date",
    "crypto",
    "cpf",
    "cnpj",
    "cep",
    "placa",
    "pix",
    "dni",
    "nie",
    "cif",
    "ccc",
    "cuit",
    "dni_ar",
    "cbu",
    "rfc",
    "curp",
    "clabe",
    "rut",
    "nit",
    "cedula",
    "ruc",
    "rut_uy",
    "ci",
    "nif",
    "cc",
    "niss",
    "ssn",
]
Country = Literal["ar", "br", "cl", "co", "es", "mx", "pe", "pt", "us", "uy"]
KINDS: tuple[Kind, ...] = get_args(Kind)
COUNTRIES: tuple[Country, ...] = get_args(Country)
Alone = Literal["masked", "nothing"]


class Spec(NamedTuple):
    """One kind."""

    country: Country | None
    """Whose numbers these are; None for what everyone has."""
    shape: str
    """What it looks like, for RE2 and for `re` alike: bounded, without groups and without assertions."""
    words: str
    """Words that say what it is, when one stands near."""
    usual: str = ""
    """How it is written as only this kind is; such a number needs no word. Empty: every one needs a word."""
    sign: str = ""
    """What stands in every text with a number that is written as usual, for RE2. Empty: its shape."""
    alone: Alone = "nothing"
    """What a number is whose check digits are right and which nothing explains: masked all the same, or nothing."""
    first: str = "[0-9]"
    """What it begins with, one character: places that begin otherwise are passed over quickly."""
    unless: str = ""
    """Words that say it is something else, when one stands right before it."""


_PHONE_WORDS = """tel teléfono teléfonos telefone telefones telf tlf phone celular cel móvil telemóvel whatsapp zap
    llame llámame llamar llámenos ligue ligar call fone fijo contacto"""
_MONTH = r"(?i:jan|ene|feb|fev|mar|abr|apr|ma[iy]|jun|jul|ago|aug|sep|set|oct|out|nov|dic|dez|dec)[A-Za-zçÇ]{0,7}\.?"
_DAY = r"[0-9]{1,2}(?:\.?º|st|nd|rd|th)?"
_YEAR = "(?:19|20)[0-9]{2}"
_ID_WORDS = "documento identidad identidade identificación"

SPECS: dict[Kind, Spec] = {
    "card": Spec(
        None,
        r"[3-6][0-9]{3}[ -](?:[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}|[0-9]{6}[ -][0-9]{5})"
        r"|2[2-7][0-9]{2}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{4}|[2-6][0-9]{12,18}",
        "tarjeta tarjetas cartão cartões card visa mastercard amex elo crédito credit débito debit",
        usual=r"[0-9]+[ -][0-9 -]+",
        alone="masked",
    ),
    "iban": Spec(
        None,
        r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?",
        "iban cuenta conta account",
        usual=r".+",
        alone="masked",
        first="[A-Z]",
    ),
    "phone": Spec(
        None,
        r"(?:\+|00)[1-9][0-9]{0,2}[ .-]?(?:\([0-9]{1,4}\)[ .-]?)?[0-9]{1,4}(?:[ .-]?[0-9]{2,5}){1,4}"
        r"|1[ .-]\(?[2-9][0-9]{2}\)?[ .-]?[0-9]{3}[ .-]?[0-9]{4}"
        r"|\(?[0-9]{2,4}\)?[ .-]?[0-9]{3,5}[ .-]?[0-9]{3,4}|[0-9]{3}(?:[ .-][0-9]{2}){3}",
        _PHONE_WORDS,
        usual=r"\+.+|00.*[ .()-].+",
        sign=r"(?:\+|00)[1-9][0-9 .()-]{6}",
        first="[+(0-9]",
    ),
    "ip": Spec(
        None,
        r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}|(?:[0-9A-Fa-f]{1,4}:){3,7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}",
        "ip ipv4 ipv6",
        usual=r".*(?:[0-9]{3}\.|\.[0-9]{3}|:.*:.*:.*).*",
        first="[0-9A-Fa-f]",
        unless="versión versões versão version versiones versions ver v build release firmware",
    ),
    "mac": Spec(None, r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}", "mac", usual=r".+", first="[0-9A-Fa-f]"),
    "gps": Spec(
        None,
        r"-?[0-9]{1,2}\.[0-9]{4,10}, ?-?[0-9]{1,3}\.[0-9]{4,10}",
        "gps coordenadas coordinates",
        usual=r".+",
        first="[-0-9]",
    ),
    "birth_date": Spec(
        None,
        rf"[0-9]{{1,2}}[/.-][0-9]{{1,2}}[/.-]{_YEAR}|{_YEAR}[/-][0-9]{{2}}[/-][0-9]{{2}}"
        rf"|{_DAY}(?: de | of |[ /-]){_MONTH}(?: del? |, ?|[ /-]){_YEAR}|{_MONTH} {_DAY},? {_YEAR}",
        "nacimiento nascimento nació nacido nacida nasceu nascido nascida born birth birthdate birthday dob cumpleaños",
        first="[0-9ADEFJMNOSadefjmnos]",
    ),
    "crypto": Spec(
        None,
        r"(?:bc1[ac-hj-np-z02-9]{25,59}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|0x[0-9A-Fa-f]{40})",
        "bitcoin btc ethereum eth wallet billetera carteira",
        usual=r".+",
        first="[013b]",
    ),
    "cpf": Spec(
        "br",
        r"[0-9]{3}[. ][0-9]{3}[. ][0-9]{3}[-. /][0-9]{2}|[0-9]{9}[-/][0-9]{2}|[0-9]{11}",
        "cpf contribuinte cadastro",
        usual=r".*[-./].*",
        alone="masked",
    ),
    "cnpj": Spec(
        "br",
        r"[0-9A-Za-z]{2}\.[0-9A-Za-z]{3}\.[0-9A-Za-z]{3}/[0-9A-Za-z]{4}-[0-9]{2}|[0-9A-Z]{12}[0-9]{2}|[0-9]{8}/[0-9]{4}-[0-9]{2}",
        "cnpj empresa",
        usual=r".*[-./].*",
        first="[0-9A-Za-z]",
    ),
    "cep": Spec("br", r"[0-9]{5}-?[0-9]{3}", "cep"),
    "placa": Spec("br", r"[A-Z]{3}-?[0-9][A-Z0-9][0-9]{2}", "placa veículo veiculo", first="[A-Z]"),
    "pix": Spec(
        "br",
        r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
        "pix chave aleatória",
        first="[0-9A-Fa-f]",
    ),
    "dni": Spec(
        "es",
        r"(?:[0-9]{8}|[0-9]{2}\.[0-9]{3}\.[0-9]{3})[- ]?[A-Za-z]",
        f"dni nif {_ID_WORDS}",
        usual=r"[0-9.]+-?[A-Z]",
        alone="masked",
    ),
    "nie": Spec(
        "es",
        r"[XYZxyz]-?(?:[0-9]{7}|[0-9]\.[0-9]{3}\.[0-9]{3})[- ]?[A-Za-z]",
        "nie extranjero extranjera documento",
        usual=r"[XYZ]-?[0-9.]+-?[A-Z]",
        alone="masked",
        first="[X-Zx-z]",
    ),
    "cif": Spec(
        "es", r"[A-HJNP-SUVW]-?[0-9]{7}[0-9A-J]", "cif nif empresa", usual=r"[A-Z]-?[0-9]{7}[0-9A-J]", first="[A-W]"
    ),
    "ccc": Spec("es", r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{2}[ -]?[0-9]{10}", "ccc cuenta", usual=r"[0-9]+[ -].+"),
    "cuit": Spec("ar", r"[0-9]{2}-[0-9]{8}-[0-9]|[0-9]{11}", "cuit cuil", usual=r".*-.*", alone="masked"),
    "dni_ar": Spec("ar", r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}|[0-9]{7,8}", "dni"),
    "cbu": Spec("ar", r"[0-9]{22}|[0-9]{8}[ -][0-9]{14}", "cbu cvu", usual=r".+", alone="masked"),
    "rfc": Spec(
        "mx",
        r"[A-ZÑ&]{3,4}-?[0-9]{6}-?[A-Z0-9]{3}",
        "rfc contribuyente",
        usual=r"[A-ZÑ&]+-?[0-9]{6}-?[A-Z0-9]{3}",
        first="[A-ZÑ&]",
    ),
    "curp": Spec(
        "mx", r"[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[A-Z0-9][0-9]", "curp", usual=r".+", alone="masked", first="[A-Z]"
    ),
    "clabe": Spec(
        "mx", r"[0-9]{18}|[0-9]{3}[ -][0-9]{3}[ -][0-9]{11}[ -][0-9]", "clabe", usual=r".*[ -].*", alone="masked"
    ),
    "rut": Spec(
        "cl",
        r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}-[0-9kK]|[0-9]{7,8}-[0-9kK]",
        "rut run",
        usual=r".*\..*\..*-.|[0-9]{8}-[kK]",
    ),
    "nit": Spec("co", r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]|[0-9]{9}-?[0-9]", "nit", usual=r".*\..*-."),
    "cedula": Spec("co", r"[0-9]{1,2}(?:\.[0-9]{3}){2,3}|[0-9]{6,10}", "cédula cedula"),
    "ruc": Spec("pe", r"(?:10|15|17|20)[0-9]{9}", "ruc"),
    "rut_uy": Spec("uy", r"[0-9]{12}", "rut"),
    "ci": Spec("uy", r"[0-9]\.[0-9]{3}\.[0-9]{3}-[0-9]|[0-9]{7}-?[0-9]", "ci cédula cedula", usual=r".*\..*\..*-."),
    "nif": Spec("pt", r"[1-35689][0-9]{2} ?[0-9]{3} ?[0-9]{3}", "nif contribuinte"),
    "cc": Spec(
        "pt", r"[0-9]{8} ?[0-9] ?[A-Z0-9]{2}[0-9]", "cidadão cidadao cc", usual=r"[0-9]{8} [0-9] ?[A-Z]{2}[0-9]"
    ),
    "niss": Spec("pt", r"[12][0-9]{10}", "niss segurança seguranca"),
    "ssn": Spec("us", r"[0-9]{3}-[0-9]{2}-[0-9]{4}|[0-9]{9}", "ssn social", usual=r".*-.*-.*"),
}
"""Everything but e-mail addresses, which are found by their @."""

COUNTRY_OF: dict[Kind, Country] = {kind: spec.country for kind, spec in SPECS.items() if spec.country}
"""Kinds that belong to one country; the others are found everywhere."""
