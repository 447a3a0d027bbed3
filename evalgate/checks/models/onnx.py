"""ONNX Runtime as the engine of a local model: on the processor, few threads, no operators but its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalgate.checks.models.onnx_file import asked_by
from evalgate.core.errors import SuiteInvalid

if TYPE_CHECKING:
    from numpy.typing import NDArray

THREADS_AT_MOST = 4
"""Threads of one session; more help little on short texts and take the machine from its neighbours."""
TOKENS_AT_ONCE = 1024
"""Of one batch: 13 % quicker than 4,096 with 6 layers of 384, as the caches hold it."""
ALONE = 1
"""A batch of one window, however long."""
_SCALED_BY_THE_BATCH = {"DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM"}
"""Operators of 8-bit weights that scale a text by its neighbours in the batch, by up to 0.03 as measured."""
_KNOWN = {"input_ids", "attention_mask", "token_type_ids"}
_WIDTHS = {"tensor(int64)": "int64", "tensor(int32)": "int32"}


class OnnxEngine:
    """A session over one ONNX file."""

    def __init__(self, session: Any, inputs: dict[str, str], output: str, tokens_at_once: int) -> None:
        self._session, self._inputs, self._output = session, inputs, output
        self.tokens_at_once = tokens_at_once

    @classmethod
    def load(cls, weights: Path) -> OnnxEngine:
        """Return the engine for a verified file; raise SuiteInvalid when ONNX Runtime cannot use it."""
        try:
            import onnxruntime
        except ImportError as problem:
            raise SuiteInvalid(f"{weights}: needs onnxruntime; run: pip install 'evalgate-service[local]'") from problem
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = min(THREADS_AT_MOST, _processors())
        options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.log_severity_level = 4  # what matters is raised
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        except Exception as problem:
            raise SuiteInvalid(f"{weights}: ONNX Runtime cannot load it: {_one_line(problem)}") from problem
        given = {one.name: one.type for one in session.get_inputs()}
        strange = sorted(set(given) - _KNOWN) or sorted(name for name in given if given[name] not in _WIDTHS)
        if strange or "input_ids" not in given:
            told = f"wants the input {strange[0]!r}" if strange else "has no input_ids"
            raise SuiteInvalid(f"{weights}: {told}; a classifier reads {', '.join(sorted(_KNOWN))} as whole numbers")
        names = [one.name for one in session.get_outputs()]
        output = "logits" if "logits" in names else names[0]
        tokens_at_once = ALONE if asked_by(weights).operators & _SCALED_BY_THE_BATCH else TOKENS_AT_ONCE
        return cls(session, {name: _WIDTHS[given[name]] for name in given}, output, tokens_at_once)

    def logits(self, batch: dict[str, NDArray[Any]]) -> NDArray[Any]:
        """Return the model's numbers, one row a window."""
        given = {name: batch[name].astype(width) for name, width in self._inputs.items()}
        found: NDArray[Any] = self._session.run([self._output], given)[0]
        return found


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        return os.cpu_count() or 1


def _one_line(problem: Exception) -> str:
    return " ".join(str(problem).split())[:300]
