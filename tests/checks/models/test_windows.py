"""Windows in code points, whatever the tokenizer makes of letters: bytes, pieces with the blank before them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

from evalgate.checks.models.windows import Cutter
from tests.checks.scenes import EN, ES, PT

TEXT = f"  ¡Señor 👍🏽👨‍👩‍👧! {ES}\n\n{PT} 漢字 {EN}  "
SPECIAL = ["<pad>", "<s>", "</s>", "<unk>"]


def of_bytes() -> Tokenizer:
    """Return a tokenizer as RoBERTa has: letters beyond ASCII are several tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([ES, PT, EN], trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 1))
    return tokenizer


def of_pieces() -> Tokenizer:
    """Return a tokenizer as XLM-RoBERTa has: a token shows the blank before it."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=60, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator([ES, PT, EN], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    return tokenizer


@pytest.mark.parametrize("made", [of_bytes, of_pieces])
@pytest.mark.parametrize("about", [TEXT, (TEXT, "sí, señor")])
def test_windows_are_in_order_and_leave_out_nothing_but_blanks(made: Any, about: Any) -> None:
    from transformers import PreTrainedTokenizerFast

    cutter = Cutter(PreTrainedTokenizerFast(tokenizer_object=made(), pad_token="<pad>", unk_token="<unk>"))
    cuts = cutter.cut([about], range(1), 40, 5)
    assert len(cuts) > 3
    assert all(len(cut.ids) <= 40 and TEXT[cut.start : cut.end].strip() for cut in cuts)
    assert all(
        one.start < other.start <= one.end + 2 and one.end <= other.end for one, other in itertools.pairwise(cuts)
    )
    assert (cuts[0].start, cuts[-1].end) == (2, len(TEXT) - 2)
