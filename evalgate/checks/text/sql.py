"""SQL statements: what they do, which tables they touch, and which of their functions reach beyond the data."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

Statement = Literal["select", "insert", "update", "delete", "merge", "create", "alter", "drop", "truncate"]

SQL_AT_MOST = 5_000
"""Characters of SQL that are read in one answer."""
_TOKENS_AT_MOST = 2_500
NEEDS = "sql needs sqlglot; run: pip install 'evalgate-service[code]'"

_DOES: dict[str, Statement] = {
    "Insert": "insert", "Update": "update", "Delete": "delete", "Merge": "merge", "Create": "create", "Into": "create",
    "Alter": "alter", "AlterTable": "alter", "Drop": "drop", "TruncateTable": "truncate", "Lock": "update",
}  # fmt: skip
_WRITTEN = {"Into": "into", "Lock": "for"}
_NEVER = {"Command", "Copy", "LoadData"}
"""What is not taken apart any further (EXEC, CALL, DO …), and what moves files: never read-only."""
_REACHING = """
pg_read_file pg_read_binary_file pg_ls_dir pg_stat_file pg_sleep pg_sleep_for pg_sleep_until
pg_terminate_backend pg_cancel_backend pg_reload_conf pg_rotate_logfile pg_advisory_lock
lo_import lo_export lo_create lo_unlink dblink dblink_exec dblink_connect set_config setval nextval
query_to_xml table_to_xml database_to_xml
sleep benchmark load_file get_lock sys_exec sys_eval load_extension readfile writefile getenv
xp_cmdshell xp_dirtree xp_regread xp_fileexist sp_executesql sp_oacreate openrowset opendatasource openquery
read_csv read_csv_auto read_text read_blob read_json read_json_auto read_parquet
file url s3 hdfs remote remotesecure executable
"""
_REACHES = frozenset(_REACHING.split())
"""Functions that read files, wait, lock, write, or reach other machines."""
_PACKAGES = frozenset(
    {
        *("utl_http", "utl_file", "utl_tcp", "utl_smtp", "utl_inaddr"),
        *("dbms_lock", "dbms_pipe", "dbms_scheduler", "dbms_java", "dbms_xmlgen", "dbms_sql", "dbms_ldap"),
    }
)
"""Packages that do so, whichever function of theirs is called."""
_FILE = re.compile(r"[/\\]|\.(?:csv|tsv|txt|jsonl?|ndjson|parquet|avro|orc|xlsx?|db|sqlite|gz|zst)$", re.IGNORECASE)
"""A table of this name is a file, which some databases read in place of a table."""
_NO_TABLE = "dual"
"""What Oracle reads where nothing is read."""
_EXECUTABLE = re.compile(r"/\*M?!")
_QUERY = re.compile(
    r"\s*+(?:select\b[^;]{0,2000}?\bfrom\b|insert\s+into\b|delete\s+from\b|update\s+\S+\s+set\b|merge\s+into\b|truncate\s+table\b"
    r"|(?:drop|alter|create)\s+(?:or\s+replace\s+)?(?:table|database|schema|view|user|role|function|index)\b|with\s+\w+\s+as\s*\()",
    re.IGNORECASE,
)


class Fault(NamedTuple):
    """What is wrong, in words, and the word of the SQL that shows it (empty: all of it)."""

    label: str
    word: str = ""


def looks_like_sql(text: str) -> bool:
    """Return whether a text begins as a statement does, for code that does not say what it is."""
    return _QUERY.match(text) is not None


def known_dialect(name: str) -> None:
    """Raise ValueError for a dialect that is not known, and where sqlglot is missing."""
    try:
        sqlglot = _sqlglot()
    except ModuleNotFoundError:
        raise ValueError(NEEDS) from None
    known = sorted(dialect.value for dialect in sqlglot.Dialects if dialect.value)
    if name not in known:
        raise ValueError(f"dialect {name!r} is not known; write one of {', '.join(known)}")


def faults(text: str, dialect: str, statements: Sequence[Statement], tables: Sequence[str]) -> list[Fault] | None:
    """Return what in some SQL is not allowed, in order, each once; None where it is too long or nested too deeply."""
    sqlglot = _sqlglot()
    if len(text) > SQL_AT_MOST:
        return None
    if _EXECUTABLE.search(text):
        return [Fault("has a comment that runs", "")]
    try:
        if len(sqlglot.tokenize(text, read=dialect)) > _TOKENS_AT_MOST:
            return None
        trees = [tree for tree in sqlglot.parse(text, read=dialect) if tree is not None]
        allowed = {_NO_TABLE, *map(str.lower, tables)} if tables else set[str]()
        found = [fault for tree in trees for fault in _of(tree, frozenset(statements), allowed)]
    except RecursionError:
        return None
    except sqlglot.errors.SqlglotError:
        return [Fault("does not parse")]
    return list(dict.fromkeys(found))


def _of(tree: Any, statements: frozenset[str], tables: set[str]) -> Iterator[Fault]:
    from sqlglot import exp

    name = type(tree).__name__
    if isinstance(tree, exp.Query):
        if "select" not in statements:
            yield Fault("select", "select")
    elif name not in _DOES and name not in _NEVER:
        yield Fault("is no such statement" if isinstance(tree, exp.Condition | exp.Alias) else "is another statement")
    for node in tree.walk():
        fault = _done_by(node, statements) or _called_by(node)
        if fault:
            yield fault
        elif tables and isinstance(node, exp.Table) and node.name and not _is_own(node) and _name(node) not in tables:
            yield Fault("reads a table that is not among the tables", node.name)


def _done_by(node: Any, statements: frozenset[str]) -> Fault | None:
    from sqlglot import exp

    name = type(node).__name__
    if name in _NEVER:
        return Fault("is another statement", str(node.this) if name == "Command" else name)
    does = _DOES.get(name)
    if does is None or does in statements or ("merge" in statements and node.find_ancestor(exp.Merge)):
        return None
    return Fault(does, _WRITTEN.get(name, does))


def _called_by(node: Any) -> Fault | None:
    from sqlglot import exp

    if isinstance(node, exp.Table) and (file := next(filter(_FILE.search, (p.name for p in node.parts)), None)):
        return Fault("reads a file", file)
    if isinstance(node, exp.Identifier):
        called = node.name.lower() if isinstance(node.parent, exp.Dot) or node.arg_key in {"table", "db"} else ""
        return Fault(f"calls {called}", called) if called in _PACKAGES else None
    if not isinstance(node, exp.Func):
        return None
    called = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
    return Fault(f"calls {called}", called) if called in _REACHES else None


def _name(table: Any) -> str:
    return ".".join(part.name for part in table.parts).lower()


def _is_own(table: Any) -> bool:
    """Return whether a table is one that WITH names in the statement itself, where it can be seen from here."""
    from sqlglot import exp

    if len(table.parts) > 1:
        return False
    child, node, seen_from = table, table.parent, None
    while node is not None:
        if isinstance(node, exp.With):
            seen_from = child
        given = node.args.get("with_") or node.args.get("with")
        if isinstance(given, exp.With):
            before = list(given.expressions)
            if child is given and not given.args.get("recursive"):
                before = before[: next((n for n, one in enumerate(before) if one is seen_from), 0)]
            if any(one.alias.lower() == table.name.lower() for one in before):
                return True
        child, node = node, node.parent
    return False


@lru_cache(maxsize=1)
def _sqlglot() -> Any:
    """Return the parser, made to keep quiet about statements that it does not take apart."""
    import sqlglot

    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    return sqlglot
