"""A local model, loaded: verified file by file, held to its self-test, and read in windows and batches."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from evalgate.checks.models.folder import verify
from evalgate.checks.models.manifest import PinnedModel
from evalgate.checks.models.selftest import examine
from evalgate.checks.models.windows import Cut, Cutter, Readable, batches, slabs
from evalgate.core.errors import SuiteInvalid
from evalgate.core.models import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

DECIMALS = 4
"""Of a probability. The digits after them depend on which texts share a batch, and no decision may."""


class Engine(Protocol):
    """Turns tokens into a model's numbers."""

    tokens_at_once: int
    """Tokens of one batch, padding included: what is quickest there."""

    def logits(self, batch: dict[str, NDArray[Any]]) -> NDArray[Any]:
        """Return one row of numbers for each row of input_ids, attention_mask and token_type_ids (int64)."""


class LoadedModel:
    """A model that can be asked. One caller at a time: others wait."""

    def __init__(self, model: PinnedModel, tokenizer: Any, engine: Engine) -> None:
        self._model, self._engine = model, engine
        self._cutter = Cutter(tokenizer)
        self._padding = int(tokenizer.pad_token_id or 0)
        self._to_left = tokenizer.padding_side == "left"
        self._turn = Lock()

    def read(self, texts: Sequence[Readable], window: int | None = None, overlap: int = 0) -> list[list[Window]]:
        """Return the windows of each text with the probability of every label, as `LocalModel.read` says."""
        size = min(window or self._model.max_tokens, self._model.max_tokens)
        found: list[list[Window]] = [[] for _ in texts]
        with self._turn:
            for numbers in slabs(texts):
                cuts = self._cutter.cut(texts, numbers, size, overlap)
                scores: dict[int, Mapping[str, float]] = {}
                for batch in batches(cuts, self._engine.tokens_at_once):
                    scores.update(zip(batch, self._scores([cuts[index] for index in batch]), strict=True))
                for index, cut in enumerate(cuts):
                    found[cut.text].append(Window(cut.start, cut.end, scores[index]))
        return found

    def _scores(self, cuts: Sequence[Cut]) -> Iterator[Mapping[str, float]]:
        labels = list(self._model.labels.values())
        logits = self._engine.logits(self._arrays(cuts))
        if logits.shape != (len(cuts), len(labels)):
            width = " by ".join(map(str, logits.shape[1:])) or "1"
            raise SuiteInvalid(
                f"{self._model.place}: the model gives {width} numbers for a text, and there are {len(labels)} labels;"
                " it is no classifier, or has other labels"
            )
        for row in probabilities(logits, self._model.kind):
            yield dict(zip(labels, (round(float(one), DECIMALS) for one in row), strict=True))

    def _arrays(self, cuts: Sequence[Cut]) -> dict[str, NDArray[Any]]:
        """Return the windows as one rectangle, padded as the tokenizer pads."""
        import numpy as np

        shape = (len(cuts), max(len(cut.ids) for cut in cuts))
        ids = np.full(shape, self._padding, dtype=np.int64)
        mask, types = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        for row, cut in enumerate(cuts):
            size = len(cut.ids)
            place = slice(shape[1] - size, None) if self._to_left else slice(0, size)
            ids[row, place], mask[row, place], types[row, place] = cut.ids, 1, cut.types
        return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}


def probabilities(logits: NDArray[Any], kind: str) -> NDArray[Any]:
    """Return softmax (single_label) or sigmoid (multi_label) of rows of numbers; a row with NaN or ∞ is all NaN.

    >>> import numpy as np
    >>> probabilities(np.array([[0.0, 0.0]]), "single_label").tolist()
    [[0.5, 0.5]]
    """
    import numpy as np

    exact = logits.astype(np.float64)
    exact[~np.isfinite(exact).all(axis=1)] = np.nan
    if kind == "multi_label":
        sigmoid: NDArray[Any] = 1 / (1 + np.exp(-np.clip(exact, -60, 60)))
        return sigmoid
    powers = np.exp(exact - exact.max(axis=1, keepdims=True))
    softmax: NDArray[Any] = powers / powers.sum(axis=1, keepdims=True)
    return softmax


def load_model(model: PinnedModel) -> LoadedModel:
    """Return a model that is what its manifest says: its files, its labels and its answers to the self-test.

    Raise SuiteInvalid, in one line, when any of them is not.
    """
    folder = model.folder
    if folder is None:
        raise SuiteInvalid(f"{model.name}: a model is loaded from its folder; write its path as model")
    if verify(folder) != model:
        raise SuiteInvalid(f"{model.place}: changed since the suite was read; run the command again")
    with _quiet_transformers():
        loaded = LoadedModel(model, _tokenizer(model), _engine(model, folder))
    longest = "a " * model.max_tokens
    try:
        loaded.read([(longest, "a") if model.takes_pairs else longest])
    except SuiteInvalid:
        raise
    except Exception as problem:
        line = " ".join(str(problem).split())[:300]
        raise SuiteInvalid(
            f"{model.place}: the model fails on a text of max_tokens: {model.max_tokens} ({line}); lower it"
        ) from problem
    examine(model, loaded)
    return loaded


def _engine(model: PinnedModel, folder: Path) -> Engine:
    from evalgate.checks.models.onnx import OnnxEngine
    from evalgate.checks.models.torch import TorchEngine

    return OnnxEngine.load(folder / model.weights) if model.weights.endswith(".onnx") else TorchEngine.load(folder)


def _tokenizer(model: PinnedModel) -> Any:
    try:
        from transformers import AutoTokenizer
    except ImportError as problem:
        raise SuiteInvalid(
            f"{model.place}: needs transformers; run: pip install 'evalgate-service[local]'"
        ) from problem
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            str(model.folder), local_files_only=True, trust_remote_code=False, use_fast=True
        )
    except Exception as problem:
        line = " ".join(str(problem).split())[:300]
        raise SuiteInvalid(f"{model.folder}: transformers cannot load its tokenizer: {line}") from problem
    if not tokenizer.is_fast:
        raise SuiteInvalid(f"{model.folder}: its tokenizer tells no places in the text; save it as a fast one")
    return tokenizer


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Keep transformers from advising to install PyTorch, which an ONNX model does not need, and from drawing bars."""
    before = logging.root.manager.disable
    logging.disable(max(before, logging.WARNING))
    drawing = False
    try:
        theirs: Any = import_module("transformers.utils.logging")
        drawing = theirs.is_progress_bar_enabled()
        theirs.disable_progress_bar()
    except ImportError:  # `_tokenizer` says so
        pass
    try:
        yield
    finally:
        logging.disable(before)
        if drawing:
            theirs.enable_progress_bar()
