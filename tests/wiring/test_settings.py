"""Settings come from the environment once, and a wrong one names its variable."""

from __future__ import annotations

import pytest

from evalgate.core.errors import WrongAsWritten
from evalgate.wiring.settings import read_settings


def test_without_variables_everything_has_a_default():
    settings = read_settings({})
    assert (settings.database, settings.in_flight, settings.language) == (".evalgate/evalgate.db", 64, "en")


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "pt_BR.UTF-8"}, "pt"),
        ({"LANG": "es_ES", "LC_ALL": "en_GB"}, "en"),
        ({"LANG": "de_DE"}, "en"),
        ({"EVALGATE_LANG": "es", "LANG": "pt_BR"}, "es"),
    ],
)
def test_the_language_is_the_readers(environ, language):
    assert read_settings(environ).language == language


@pytest.mark.parametrize(
    "environ", [{"EVALGATE_LANG": "fr"}, {"EVALGATE_IN_FLIGHT": "many"}, {"EVALGATE_IN_FLIGHT": "0"}]
)
def test_a_variable_that_cannot_be_used_is_named(environ):
    with pytest.raises(WrongAsWritten, match=next(iter(environ))):
        read_settings(environ)
