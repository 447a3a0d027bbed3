"""Generated personal data with valid check digits, in sentences of three languages, and numbers that are none.

Check digits are worked out here, or by python-stdnum's own calculators, and not by what is measured.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib import import_module

SEED = 20_261_121
EACH = 60
"""Positives of a kind."""
NEGATIVES = 300
"""Hard negatives of a language."""

MONTHS = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "January February March April May June July August September October November December",
)

SENTENCES = {
    "es": (
        "Mi {word} es {value}.",
        "Anote el {word}: {value}, por favor.",
        "¿El {word} {value} es correcto?",
        "({word} {value})",
    ),
    "pt": (
        "Meu {word} é {value}.",
        "Anote o {word}: {value}, por favor.",
        "O {word} {value} está certo?",
        "({word} {value})",
    ),
    "en": ("My {word} is {value}.", "Please note the {word}: {value}.", "Is {word} {value} right?", "({word} {value})"),
}


def _digits(dice: random.Random, count: int) -> str:
    return "".join(str(dice.randrange(10)) for _ in range(count))


def _stdnum(module: str, number: str, calculator: str = "calc_check_digit") -> str:
    found: Callable[[str], str] = getattr(import_module(f"stdnum.{module}"), calculator)
    return str(found(number))


def _mod11(digits: str, first: int) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(first, 1, -1), strict=False))
    return "0" if total % 11 < 2 else str(11 - total % 11)


def _cpf(dice: random.Random) -> str:
    body = _digits(dice, 9)
    body += _mod11(body, 10)
    body += _mod11(body, 11)
    return dice.choice((f"{body[:3]}.{body[3:6]}.{body[6:9]}-{body[9:]}", body))


def _cnpj(dice: random.Random) -> str:
    letters = dice.random() < 0.5
    body = "".join(dice.choice("0123456789ABCDEFGHJKLMNPRSTUVWXYZ" if letters else "0123456789") for _ in range(12))
    for weights in ((5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)):
        rest = sum((ord(char) - 48) * weight for char, weight in zip(body, weights, strict=True)) % 11
        body += "0" if rest < 2 else str(11 - rest)
    return f"{body[:2]}.{body[2:5]}.{body[5:8]}/{body[8:12]}-{body[12:]}"


def _card(dice: random.Random) -> str:
    body = dice.choice(("4", "51", "55", "37")) + _digits(dice, 14)
    body = body[:14] if body.startswith("37") else body[:15]
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in body[-1::-2])
    body += str(-(doubled + sum(int(digit) for digit in body[-2::-2])) % 10)
    grouped = (
        f"{body[:4]} {body[4:10]} {body[10:]}" if len(body) == 15 else " ".join(body[i : i + 4] for i in (0, 4, 8, 12))
    )
    return dice.choice((grouped, body))


def _iban(dice: random.Random) -> str:
    country = dice.choice(("ES", "DE"))
    body = _ccc(dice) if country == "ES" else _digits(dice, 18)
    number = int("".join(str(int(char, 36)) for char in f"{body}{country}00"))
    written = f"{country}{98 - number % 97:02d}{body}"
    return dice.choice((written, " ".join(written[i : i + 4] for i in range(0, len(written), 4))))


def _ccc(dice: random.Random) -> str:
    def check(digits: str) -> str:
        total = 11 - sum(int(d) * w for d, w in zip(digits, (1, 2, 4, 8, 5, 10, 9, 7, 3, 6), strict=True)) % 11
        return str({10: 1, 11: 0}.get(total, total))

    bank, account = _digits(dice, 8), _digits(dice, 10)
    return f"{bank}{check(f'00{bank}')}{check(account)}{account}"


def _dni(dice: random.Random) -> str:
    body = _digits(dice, 8)
    letter = "TRWAGMYFPDXBNJZSQVHLCKE"[int(body) % 23]
    return dice.choice((f"{body}{letter}", f"{body[:2]}.{body[2:5]}.{body[5:]}-{letter}", f"{body}-{letter}"))


def _nie(dice: random.Random) -> str:
    first, body = dice.randrange(3), _digits(dice, 7)
    letter = "TRWAGMYFPDXBNJZSQVHLCKE"[int(f"{first}{body}") % 23]
    return dice.choice((f"{'XYZ'[first]}{body}{letter}", f"{'XYZ'[first]}-{body}-{letter}"))


def _cuit(dice: random.Random) -> str:
    while True:
        body = dice.choice(("20", "27", "30")) + _digits(dice, 8)
        total = sum(int(digit) * weight for digit, weight in zip(body, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True))
        check = (11 - total % 11) % 11
        if check < 10:
            return dice.choice((f"{body[:2]}-{body[2:]}-{check}", f"{body}{check}"))


def _cbu(dice: random.Random) -> str:
    def check(digits: str, weights: tuple[int, ...]) -> str:
        return str(-sum(int(d) * weights[i % len(weights)] for i, d in enumerate(reversed(digits))) % 10)

    bank, account = _digits(dice, 7), _digits(dice, 13)
    return f"{bank}{check(bank, (3, 1, 7, 9))}{account}{check(account, (3, 1, 7, 9))}"


def _clabe(dice: random.Random) -> str:
    body = dice.choice(("002", "012", "014", "021", "044", "072")) + _digits(dice, 14)
    return body + str(-sum(int(digit) * (3, 7, 1)[place % 3] % 10 for place, digit in enumerate(body)) % 10)


def _name_code(dice: random.Random) -> str:
    """Return the initials of two surnames and a name, such that they spell no word: Mexico gives out none that do."""
    consonants = "BCDGLMPRSTV"
    return dice.choice(consonants) + dice.choice("AEIOU") + dice.choice(consonants) + dice.choice(consonants)


def _birth(dice: random.Random) -> str:
    return f"{dice.randrange(50, 99)}{dice.randrange(1, 13):02d}{dice.randrange(1, 29):02d}"


def _rfc(dice: random.Random) -> str:
    body = f"{_name_code(dice)}{_birth(dice)}{dice.choice('ABCDEFGH123')}{dice.choice('ABC123456')}"
    return body + _stdnum("mx.rfc", body)


def _curp(dice: random.Random) -> str:
    body = f"{_name_code(dice)}{_birth(dice)}{dice.choice('HM')}DF{dice.choice(('RRL', 'MNS', 'LPZ', 'CSR'))}0"
    return body + _stdnum("mx.curp", body)


def _rut(dice: random.Random) -> str:
    body = str(dice.randrange(5_000_000, 25_000_000))
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(body)))
    check = {10: "K", 11: "0"}.get(11 - total % 11, str(11 - total % 11))
    return dice.choice((f"{int(body):,}".replace(",", ".") + f"-{check}", f"{body}-{check}"))


def _phone(dice: random.Random) -> str:
    country = dice.choice(("+34 6", "+52 55 ", "+54 9 11 ", "+55 11 9", "+351 9", "+57 3", "+1 415 "))
    return f"{country}{_digits(dice, 2)} {_digits(dice, 3)} {_digits(dice, 3)}"


def _email(dice: random.Random) -> str:
    name = dice.choice(("ana", "joão.silva", "maria_lopez", "j.doe", "peña", "o'neil"))
    return f"{name}{dice.randrange(99)}@{dice.choice(('correo.example', 'exemplo.com.br', 'mail.example.org'))}"


def _ci(dice: random.Random) -> str:
    body = _digits(dice, 7)
    total = sum(int(digit) * weight for digit, weight in zip(body, (2, 9, 8, 7, 6, 3, 4), strict=True))
    return f"{body[0]}.{body[1:4]}.{body[4:]}-{-total % 10}"


def _ssn(dice: random.Random) -> str:
    return f"{dice.randrange(101, 665)}-{dice.randrange(10, 99)}-{dice.randrange(1_000, 9_998)}"


def _ip(dice: random.Random) -> str:
    return f"{dice.choice((83, 185, 190, 201))}.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"


def _mac(dice: random.Random) -> str:
    return dice.choice(":-").join(f"{dice.randrange(256):02X}" for _ in range(6))


def _gps(dice: random.Random) -> str:
    return f"{dice.uniform(-60, 60):.5f}, {dice.uniform(-120, 20):.5f}"


def _birth_date(dice: random.Random) -> str:
    day, month, year = dice.randrange(1, 29), dice.randrange(12), dice.randrange(1940, 2010)
    spanish, portuguese, english = (names.split()[month] for names in MONTHS)
    numbers = (f"{day:02d}/{month + 1:02d}/{year}", f"{year}-{month + 1:02d}-{day:02d}")
    words = (f"{day} de {spanish} de {year}", f"{day} de {portuguese} de {year}", f"{english} {day}, {year}")
    return dice.choice(numbers + words)


def _crypto(dice: random.Random) -> str:
    if dice.random() < 0.5:
        return "0x" + "".join(dice.choice("0123456789abcdef") for _ in range(40))
    body = bytes([0, *(dice.randrange(256) for _ in range(20))])
    number = int.from_bytes(body + sha256(sha256(body).digest()).digest()[:4])
    written = ""
    while number:
        number, rest = divmod(number, 58)
        written = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[rest] + written
    return f"1{written}"


def _cep(dice: random.Random) -> str:
    return f"{_digits(dice, 5)}{dice.choice(('-', ''))}{_digits(dice, 3)}"


def _placa(dice: random.Random) -> str:
    letters = "".join(dice.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(3))
    return letters + dice.choice(
        (f"-{_digits(dice, 4)}", f"{_digits(dice, 1)}{dice.choice('ABCDE')}{_digits(dice, 2)}")
    )


def _pix(dice: random.Random) -> str:
    code = "".join(dice.choice("0123456789abcdef") for _ in range(32))
    return f"{code[:8]}-{code[8:12]}-4{code[13:16]}-a{code[17:20]}-{code[20:]}"


def _cif(dice: random.Random) -> str:
    body = _digits(dice, 7)
    total = sum(map(int, body[1::2])) + sum(sum(divmod(2 * int(digit), 10)) for digit in body[::2])
    check = -total % 10
    kind = dice.choice("ABQP")
    return f"{kind}{body}{'JABCDEFGHI'[check] if kind in 'QP' else check}"


def _dotted(dice: random.Random, low: int, high: int) -> str:
    number = dice.randrange(low, high)
    return dice.choice((f"{number:,}".replace(",", "."), str(number)))


def _cedula(dice: random.Random) -> str:
    """Return eight digits, as were given until 2000, or ten, as since."""
    return _dotted(dice, *dice.choice(((10_000_000, 100_000_000), (1_000_000_000, 1_200_000_000))))


def _rut_uy(dice: random.Random) -> str:
    while True:
        body = f"21{dice.randrange(1, 1_000_000):06d}001"
        total = sum(int(d) * w for d, w in zip(body, (4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), strict=True))
        if -total % 11 < 10:
            return f"{body}{-total % 11}"


def _cc(dice: random.Random) -> str:
    body = f"{_digits(dice, 9)}{dice.choice('XYZ')}{dice.choice('VWXYZ0')}"
    values = [int(char, 36) for char in body]
    total = sum(v if place % 2 else (2 * v - 9 if 2 * v > 9 else 2 * v) for place, v in enumerate(values))
    written = f"{body}{-total % 10}"
    return dice.choice((written, f"{written[:8]} {written[8]} {written[9:]}"))


def _niss(dice: random.Random) -> str:
    body = dice.choice("12") + _digits(dice, 9)
    weights = (29, 23, 19, 17, 13, 11, 7, 5, 3, 2)
    return f"{body}{9 - sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 10}"


def _with_check(module: str, length: int, starts: tuple[str, ...] = ("",)) -> Callable[[random.Random], str]:
    def made(dice: random.Random) -> str:
        start = dice.choice(starts)
        body = start + _digits(dice, length - len(start))
        return body + _stdnum(module, body)

    return made


GENERATORS: dict[str, tuple[str, Callable[[random.Random], str]]] = {
    "email": ("e-mail", _email),
    "card": ("card", _card),
    "iban": ("IBAN", _iban),
    "phone": ("tel", _phone),
    "ip": ("IP", _ip),
    "mac": ("MAC", _mac),
    "gps": ("GPS", _gps),
    "birth_date": ("nacimiento nascimento birth", _birth_date),
    "crypto": ("wallet", _crypto),
    "cpf": ("CPF", _cpf),
    "cnpj": ("CNPJ", _cnpj),
    "cep": ("CEP", _cep),
    "placa": ("placa", _placa),
    "pix": ("Pix", _pix),
    "dni": ("DNI", _dni),
    "nie": ("NIE", _nie),
    "cif": ("CIF", _cif),
    "ccc": ("CCC", _ccc),
    "cuit": ("CUIT", _cuit),
    "dni_ar": ("DNI", lambda dice: _dotted(dice, 5_000_000, 60_000_000)),
    "cbu": ("CBU", _cbu),
    "rfc": ("RFC", _rfc),
    "curp": ("CURP", _curp),
    "clabe": ("CLABE", _clabe),
    "rut": ("RUT", _rut),
    "nit": ("NIT", _with_check("co.nit", 9, ("8", "9"))),
    "cedula": ("cédula", _cedula),
    "ruc": ("RUC", _with_check("pe.ruc", 10, ("10", "20"))),
    "rut_uy": ("RUT", _rut_uy),
    "ci": ("CI", _ci),
    "nif": ("NIF contribuinte", _with_check("pt.nif", 8, ("1", "2", "5"))),
    "cc": ("cidadão", _cc),
    "niss": ("NISS", _niss),
    "ssn": ("SSN", _ssn),
}
"""Kind to the word that explains it, and what makes one."""


def positives() -> Iterator[tuple[str, str, str]]:
    """Yield (kind, text, value): every kind in every language."""
    dice = random.Random(SEED)
    for kind, (word, make) in GENERATORS.items():
        for number in range(EACH):
            language = ("es", "pt", "en")[number % 3]
            value = make(dice)
            yield kind, dice.choice(SENTENCES[language]).format(word=word, value=value), value


def negatives() -> Iterator[tuple[str, str]]:
    """Yield (language, text): orders, tracking numbers, dates, prices, versions: numbers that are nobody's data."""
    dice = random.Random(SEED + 1)
    for language, forms in _NOBODYS.items():
        for number in range(NEGATIVES):
            form = forms[number % len(forms)]
            yield (
                language,
                form.format(
                    eight=_digits(dice, 8),
                    ten=_digits(dice, 10),
                    eleven=_digits(dice, 11),
                    twelve=_digits(dice, 12),
                    sixteen=_digits(dice, 16),
                    price=f"{dice.randrange(1, 99)}.{_digits(dice, 3)},{_digits(dice, 2)}",
                    day=f"{dice.randrange(1, 29):02d}/{dice.randrange(1, 13):02d}/2025",
                    hex="".join(dice.choice("0123456789abcdef") for _ in range(40)),
                    code=f"{dice.choice('ABX')}{_digits(dice, 2)}-{_digits(dice, 6)}",
                    version=f"{dice.randrange(9)}.{dice.randrange(9)}.{dice.randrange(9)}.{dice.randrange(9)}",
                    isbn=f"978-{dice.randrange(10)}-{_digits(dice, 4)}-{_digits(dice, 4)}-{dice.randrange(10)}",
                ),
            )


_NOBODYS = {
    "es": (
        "Su pedido {eight} salió el {day}.",
        "Seguimiento {sixteen}: llega mañana.",
        "El total es {price} EUR, factura {code}.",
        "Referencia {eleven} del envío.",
        "Versión {version} del programa, commit {hex}.",
        "El libro {isbn} está agotado; código de barras {twelve}.",
        "Lote {ten}, caduca el {day}.",
    ),
    "pt": (
        "Seu pedido {eight} saiu em {day}.",
        "Rastreio {sixteen}: chega amanhã.",
        "O total é R$ {price}, nota {code}.",
        "Protocolo {eleven} do atendimento.",
        "Versão {version} do aplicativo, commit {hex}.",
        "O livro {isbn} esgotou; código de barras {twelve}.",
        "Lote {ten}, vence em {day}.",
    ),
    "en": (
        "Your order {eight} shipped on {day}.",
        "Tracking {sixteen} arrives tomorrow.",
        "The total is {price} EUR, invoice {code}.",
        "Reference {eleven} of the shipment.",
        "Version {version} of the app, commit {hex}.",
        "The book {isbn} is sold out; barcode {twelve}.",
        "Batch {ten}, best before {day}.",
    ),
}


def table() -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the head and rows of the page's table: recall by kind, and negatives left alone by language."""
    from benchmarks.quality import said
    from evalgate.checks.privacy.personal_data import PersonalData

    data = PersonalData()
    found: dict[str, list[int]] = {kind: [0, 0] for kind in GENERATORS}
    for kind, text, value in positives():
        start = text.index(value)
        hits = [one for one in data.find(text) if one.sure and one.start <= start and one.end >= start + len(value)]
        found[kind][0] += any(one.kind == kind for one in hits)
        found[kind][1] += 1
    rows = [(f"`{kind}`", "found as such", said(*counts)) for kind, counts in found.items()]
    clean: dict[str, list[int]] = {language: [0, 0] for language in _NOBODYS}
    for language, text in negatives():
        clean[language][0] += not any(one.sure for one in data.find(text))
        clean[language][1] += 1
    rows += [(f"hard negatives, {language}", "left alone", said(*counts)) for language, counts in clean.items()]
    return ("kind", "", "share"), tuple(rows)
