"""`packs`: versioned lists of terms and patterns, compared, tried on the past, extended."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Packs: list, diff, try on past texts, extend.")

PACK = Annotated[str, typer.Argument(help="A shipped pack's name or a .yaml file.", metavar="PACK", show_default=False)]
ON = Annotated[str, typer.Option(help="run:ID, or a file of outputs.", metavar="RUN|FILE")]
SIDE = Annotated[str, typer.Option(help="output, input, context or tool_args.")]
COLUMNS = Annotated[
    str, typer.Option(help="Which column is a field, as output=response,input=prompt.", metavar="FIELD=COLUMN,…")
]


@group.command("list")
def list_() -> int:
    """List the packs that ship, with their versions and sizes."""
    from evalgate.checks.packs.loading import shipped_packs
    from evalgate.wiring.packs import find_pack

    for name in shipped_packs():
        pack = find_pack(name)
        examples = len(pack.examples.positive) + len(pack.examples.negative)
        sizes = f"{len(pack.terms)} terms, {len(pack.patterns)} patterns, {examples} examples"
        typer.echo(f"{name:24} {pack.version:10} {sizes}")
    return 0


@group.command()
def diff(old: PACK, new: PACK) -> int:
    """Show what a new version of a pack adds, drops and changes."""
    from evalgate.checks.packs.changing import difference
    from evalgate.wiring.packs import find_pack

    before, after = find_pack(old), find_pack(new)
    typer.echo(f"{before.name} {before.version} → {after.name} {after.version}")
    found = difference(before, after)
    for sign, entries in (("+", found.added), ("-", found.removed), ("~", found.changed)):
        for entry in entries:
            typer.echo(f"{sign} {entry}")
    for sign, phrases in (("+", found.allow_added), ("-", found.allow_removed)):
        for phrase in phrases:
            typer.echo(f"{sign} allow: {phrase}")
    if not any(found):
        typer.echo("the same entries")
    return 0


@group.command()
def backtest(
    new: PACK,
    old: Annotated[str, typer.Option(help="The version in use: a shipped name or a file.", metavar="PACK")],
    on: ON,
    side: SIDE = "output",
    countries: Annotated[str, typer.Option(help="Whose entries count too, as mx,ar.", metavar="CODES")] = "",
    columns: COLUMNS = "",
    limit: Annotated[int, typer.Option(help="Show at most so many cases.", min=0)] = 20,
) -> int:
    """Say what a new version of a pack would have flagged on past texts that the old one did not, and the reverse."""
    from evalgate.checks.packs.changing import backtest as try_both
    from evalgate.wiring.app import App
    from evalgate.wiring.packs import find_pack, past_texts
    from evalgate.wiring.scanning import read_columns, read_side

    before, after = find_pack(old), find_pack(new)
    texts = past_texts(App.from_environment(), on, read_side(side), read_columns(columns))
    tried = try_both(texts, before, after, [code for code in countries.split(",") if code])
    more = sum(1 for one in tried.differ if one.newly)
    typer.echo(
        f"{after.name} {before.version} → {after.version}, on {tried.texts:,} texts of {on}:"
        f" {tried.old:,} flagged before, {tried.new:,} after; {more:,} more, {len(tried.differ) - more:,} fewer"
    )
    for one in tried.differ[:limit]:
        typer.echo(f"{'+' if one.newly else '-'} {one.id}  {', '.join(one.labels)}")
    if len(tried.differ) > limit:
        typer.echo(f"and {len(tried.differ) - limit:,} more; --limit shows them")
    return 0


@group.command()
def propose(
    pack: Annotated[Path, typer.Argument(help="The pack's file.", metavar="PACK.yaml", show_default=False)],
    case: Annotated[str, typer.Option(help="The case in which the term was met.", metavar="ID")],
    on: ON,
    version: Annotated[str, typer.Option(help="What the changed pack is to be called, as 2026.12.")],
    span: Annotated[
        Optional[str], typer.Option(help="Where the term stands in the text, in characters.", metavar="START:END")
    ] = None,
    term: Annotated[Optional[str], typer.Option(help="Or the term itself.", metavar="TEXT")] = None,
    side: SIDE = "output",
    columns: COLUMNS = "",
    out: Annotated[
        Optional[Path], typer.Option("--out", help="Write the changed pack here, not over the old one.", metavar="PATH")
    ] = None,
) -> int:
    """Add a term to a pack, with the text it was met in as its example; the text is masked."""
    from evalgate.checks.packs.changing import with_term
    from evalgate.core.errors import WrongAsWritten
    from evalgate.wiring.app import App
    from evalgate.wiring.packs import cut_out, past_texts, read_file, write_file
    from evalgate.wiring.scanning import read_columns, read_side

    if (span is None) == (term is None):
        raise WrongAsWritten("say which words the term is: either --span START:END or --term TEXT")
    texts = past_texts(App.from_environment(), on, read_side(side), read_columns(columns))
    met = next((text for name, text in texts if name == case), None)
    if met is None:
        raise WrongAsWritten(f"{on} has no case {case!r} with a text on that side")
    wanted = cut_out(met, span) if span is not None else str(term)
    write_file(out or pack, with_term(read_file(pack), str(pack), term=wanted, example=met, version=version))
    typer.echo(f"{out or pack}: {wanted!r} added with its example, version {version}")
    return 0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="packs")
