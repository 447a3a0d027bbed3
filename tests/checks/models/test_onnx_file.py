"""What an ONNX file asks for: read from its bytes, without running it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from evalgate.checks.models.onnx_file import asked_by, outside
from evalgate.core.errors import SuiteInvalid
from tests.checks.models.building import model_of, word_sums

ROWS = [helper.make_node("Gather", ["table", "input_ids"], ["logits"])]


def saved(path: Path, model: onnx.ModelProto) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def external(name: str, location: str) -> onnx.TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[1])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="offset", value="0")
    tensor.external_data.add(key="location", value=location)
    return tensor


def branch(tensor: onnx.TensorProto) -> onnx.GraphProto:
    node = helper.make_node("Constant", [], ["value"], value=tensor)
    return helper.make_graph([node], "branch", [], [helper.make_tensor_value_info("value", TensorProto.FLOAT, [1])])


def test_a_model_that_carries_its_weights_asks_for_nothing(tmp_path: Path) -> None:
    asked = asked_by(saved(tmp_path / "m.onnx", word_sums(np.ones((3, 2)), np.ones(2))))
    assert (asked.files, asked.domains) == (set(), set())


def test_files_are_found_in_initializers_attributes_branches_sparse_tensors_and_functions(tmp_path: Path) -> None:
    dense = numpy_helper.from_array(np.ones(1, dtype=np.float32))
    nodes = [
        helper.make_node("Constant", [], ["in_attribute"], value=external("a", "attribute.data")),
        helper.make_node(
            "If", ["yes"], ["either"], then_branch=branch(external("b", "then.data")), else_branch=branch(dense)
        ),
        *ROWS,
    ]
    model = model_of(nodes, {"table": np.ones((3, 2))}, ["input_ids"], 2)
    model.graph.initializer.append(external("c", "initializer.data"))
    model.graph.sparse_initializer.add().values.CopyFrom(external("d", "sparse.data"))
    inside = helper.make_node("Constant", [], ["y"], value=external("e", "function.data"))
    model.functions.append(helper.make_function("mine", "f", [], ["y"], [inside], [helper.make_opsetid("", 18)]))
    names = {"attribute.data", "then.data", "initializer.data", "sparse.data", "function.data"}
    assert asked_by(saved(tmp_path / "m.onnx", model)).files == names


def test_operators_of_another_domain_are_named_unless_the_file_defines_them_itself(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Theirs", ["input_ids"], ["x"], domain="com.acme"),
        helper.make_node("Fused", ["x"], ["y"], domain="com.microsoft"),
        helper.make_node("Mine", ["y"], ["z"], domain="local"),
        *ROWS,
    ]
    model = model_of(nodes, {"table": np.ones((3, 2))}, ["input_ids"], 2)
    same = helper.make_node("Identity", ["a"], ["b"])
    model.functions.append(helper.make_function("local", "Mine", ["a"], ["b"], [same], [helper.make_opsetid("", 18)]))
    assert asked_by(saved(tmp_path / "m.onnx", model)).domains == {"com.acme"}


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 a zip", b"\x80\x04\x95 a pickle", b"not a model\n" * 9, b"\x3a\xff\x7f"]
)
def test_anything_else_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(SuiteInvalid, match=r"^\S+m\.onnx: not an ONNX model \([^\n]+\); export it again$"):
        asked_by(path)


def test_a_model_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    whole = word_sums(np.ones((30, 2)), np.ones(2)).SerializeToString()
    path = tmp_path / "m.onnx"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SuiteInvalid, match="cut off"):
        asked_by(path)


@settings(max_examples=200)
@given(content=st.binary(min_size=1, max_size=300))
def test_no_bytes_make_it_crash(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "m.onnx"
    path.write_bytes(b"\x3a" + content)
    with suppress(SuiteInvalid):
        asked_by(path)


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../weights.data", "a/../../b.data", "C:\\w.data", "..\\w.data", "\\\\h\\w"]
)
def test_a_path_that_leaves_the_folder_is_outside(name: str) -> None:
    assert outside(name)


@pytest.mark.parametrize("name", ["model.onnx.data", "weights/model.data"])
def test_a_path_below_the_folder_is_not(name: str) -> None:
    assert not outside(name)
