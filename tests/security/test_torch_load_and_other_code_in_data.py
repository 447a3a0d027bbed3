"""CVE-2025-5173: a labelling backend read a model with `torch.load`, and the file ran what its author had put into it.

Nothing of evalgate turns data into code: no pickle is read, no YAML makes objects, no text is evaluated, no command
goes through a shell, and model folders with pickles or code are refused before anything in them is opened.
"""

from __future__ import annotations

import ast
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from evalgate.checks.models.folder import files_to_read
from evalgate.core.errors import DataInvalid, EvalgateError, SuiteInvalid
from evalgate.documents import parse_document

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "evalgate").rglob("*.py"))
BETWEEN_OWN_PROCESSES = {("evalgate/runner/scanning.py", "pickle")}
"""A scanner travels to the processes that its own process starts; nothing of it comes from a file."""
READ_AS_CODE = {"pickle", "cPickle", "joblib", "dill", "cloudpickle", "shelve", "marshal", "pickletools", "code"}
CALLED_BY_NAME = {"eval", "exec", "compile", "__import__", "execfile"}
CALLED = {"torch.load", "yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load", "os.system", "os.popen"}
FALSE_ALWAYS = {"shell", "trust_remote_code", "allow_pickle"}
UNSAFE_LOADERS = {"Loader", "FullLoader", "UnsafeLoader", "CLoader", "CFullLoader", "CUnsafeLoader"}


def code_from_data(tree: ast.AST) -> Iterator[str]:
    """Yield what in a module could run a text or a file."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (one.name for one in names if one.name.partition(".")[0] in READ_AS_CODE)
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in READ_AS_CODE:
                yield module
            case ast.Call(func=ast.Name(id=name)) if name in CALLED_BY_NAME:
                yield name
            case ast.Attribute(value=ast.Name(id="yaml"), attr=attr) if attr in UNSAFE_LOADERS:
                yield f"yaml.{attr}"
            case ast.Call(func=ast.Attribute() as func) if ast.unparse(func) in CALLED:
                yield ast.unparse(func)
            case ast.keyword(arg=str(arg), value=value) if arg in FALSE_ALWAYS:
                yield from () if isinstance(value, ast.Constant) and value.value is False else (arg,)
            case _:
                continue


def test_nothing_of_ours_turns_data_into_code() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), what)
        for path in SOURCES
        for what in code_from_data(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert len(SOURCES) > 150
    assert found == BETWEEN_OWN_PROCESSES


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from joblib import load",
        "eval(text)",
        "torch.load(path)",
        "yaml.load(text, Loader=yaml.Loader)",
        "run(command, shell=True)",
        "load(path, trust_remote_code=asked)",
        "np.load(path, allow_pickle=True)",
    ],
)
def test_the_look_for_it_finds_it(line: str) -> None:
    assert list(code_from_data(ast.parse(line)))


@pytest.mark.parametrize("name", ["pytorch_model.bin", "m.pt", "a/b/head.pkl", "scaler.joblib", "modeling.py", "x.SO"])
def test_a_model_folder_with_a_pickle_or_code_is_refused_unread(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(print))
    with pytest.raises(SuiteInvalid, match="runs code when it is read"):
        files_to_read(tmp_path, "model.safetensors")


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system ['id']",
        "a: !!python/name:os.system",
        "a: !!python/object/new:subprocess.Popen [['id']]",
        "a: !unknown 1",
        "&a [*a, *a]",
    ],
)
def test_a_suite_that_asks_for_objects_is_refused(text: str) -> None:
    with pytest.raises((SuiteInvalid, DataInvalid, EvalgateError)):
        parse_document(text.encode(), "suite.yaml")
