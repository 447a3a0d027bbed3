"""Every format a report can be written in, each masked on its way out."""

from __future__ import annotations

from evalgate.core.errors import WrongAsWritten, did_you_mean
from evalgate.core.records import record_bytes
from evalgate.core.reporting import Report
from evalgate.reports.masked import masked
from evalgate.reports.messages import Language

FORMATS = ("html", "junit", "markdown", "json", "sarif")


def render(format: str, report: Report, language: Language) -> str:
    """Return the report in a format; `json` is the decision's record, which holds no text and knows no language."""
    if format == "json":
        return record_bytes(report.decision).decode()
    if format == "html":
        from evalgate.reports.html import html

        return html(masked(report), language)
    if format == "junit":
        from evalgate.reports.junit import junit

        return junit(masked(report), language)
    if format == "markdown":
        from evalgate.reports.markdown import markdown

        return markdown(masked(report), language)
    if format == "sarif":
        from evalgate.reports.sarif import sarif

        return sarif(masked(report), language)
    message = f"no report is called {format!r}.{did_you_mean(format, FORMATS)} Known: {', '.join(FORMATS)}"
    raise WrongAsWritten(message)
