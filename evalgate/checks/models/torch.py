"""PyTorch as the engine of a local model: safetensors only, from the folder only, and never a model's own code."""

from __future__ import annotations

from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalgate.core.errors import SuiteInvalid

if TYPE_CHECKING:
    from numpy.typing import NDArray


class TorchEngine:
    """A model of transformers, on the first graphics card where there is one."""

    def __init__(self, model: Any, inputs: frozenset[str], device: str) -> None:
        self._model, self._inputs, self._device = model, inputs, device
        self.tokens_at_once = 1024 if device == "cpu" else 16_384

    @classmethod
    def load(cls, folder: Path) -> TorchEngine:
        """Return the engine for a verified folder; raise SuiteInvalid when transformers cannot use it."""
        try:
            import torch
            from transformers import AutoModelForSequenceClassification
        except ImportError as problem:
            raise SuiteInvalid(
                f"{folder}: safetensors need PyTorch; run: pip install 'evalgate-service[hf]', or export to ONNX"
            ) from problem
        try:
            model, told = AutoModelForSequenceClassification.from_pretrained(
                str(folder),
                use_safetensors=True,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
                attn_implementation="eager",  # every architecture has it, and nothing is fetched for it
            )
        except Exception as problem:
            line = " ".join(str(problem).split())[:300]
            raise SuiteInvalid(f"{folder}: transformers cannot load it: {line}") from problem
        lacking = sorted({*told["missing_keys"], *(one[0] for one in told["mismatched_keys"])})
        if lacking:
            raise SuiteInvalid(
                f"{folder}: the weights lack {lacking[0]} and {len(lacking) - 1} more, which would be random;"
                " this is no classifier, or not of the kind config.json says"
            )
        device = "cuda" if torch.cuda.is_available() else "cpu"
        reads = frozenset(signature(model.forward).parameters)
        return cls(model.float().eval().to(device), reads, device)

    def logits(self, batch: dict[str, NDArray[Any]]) -> NDArray[Any]:
        """Return the model's numbers, one row a window."""
        import torch

        with torch.inference_mode():
            given = {
                name: torch.from_numpy(values).to(self._device)
                for name, values in batch.items()
                if name in self._inputs
            }
            found: NDArray[Any] = self._model(**given).logits.float().cpu().numpy()
        return found
