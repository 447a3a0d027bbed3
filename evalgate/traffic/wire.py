"""OTLP's binary form: the numbers of its fields, and messages read with them.

The numbers stand here and not in a generated package, because a span is declared as bytes: so each span is read on
its own, and one that is broken takes no neighbour with it. Fields that are not listed are skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from evalgate.traffic.refusals import UnknownKind

_ATTRIBUTES = "repeated KeyValue"

MESSAGES: dict[str, dict[str, tuple[int, str]]] = {
    "AnyValue": {
        "string_value": (1, "one string"),
        "bool_value": (2, "one bool"),
        "int_value": (3, "one int64"),
        "double_value": (4, "one double"),
        "array_value": (5, "one ArrayValue"),
        "kvlist_value": (6, "one KeyValueList"),
        "bytes_value": (7, "one bytes"),
    },
    "ArrayValue": {"values": (1, "repeated AnyValue")},
    "KeyValueList": {"values": (1, _ATTRIBUTES)},
    "KeyValue": {"key": (1, "string"), "value": (2, "AnyValue")},
    "Resource": {"attributes": (1, _ATTRIBUTES)},
    "Event": {"time_unix_nano": (1, "fixed64"), "name": (2, "string"), "attributes": (3, _ATTRIBUTES)},
    "Status": {"message": (2, "string"), "code": (3, "int32")},
    "Span": {
        "trace_id": (1, "bytes"),
        "span_id": (2, "bytes"),
        "parent_span_id": (4, "bytes"),
        "name": (5, "string"),
        "start_time_unix_nano": (7, "fixed64"),
        "end_time_unix_nano": (8, "fixed64"),
        "attributes": (9, _ATTRIBUTES),
        "events": (11, "repeated Event"),
        "status": (15, "Status"),
    },
    "LogRecord": {
        "time_unix_nano": (1, "fixed64"),
        "body": (5, "AnyValue"),
        "attributes": (6, _ATTRIBUTES),
        "trace_id": (9, "bytes"),
        "span_id": (10, "bytes"),
        "observed_time_unix_nano": (11, "fixed64"),
        "event_name": (12, "string"),
    },
    "Scope": {"items": (2, "repeated bytes")},
    "Group": {"resource": (1, "Resource"), "scopes": (2, "repeated Scope")},
    "Request": {"groups": (1, "repeated Group")},
}
"""Message to field to number and type; `one` marks the fields of which a value has only one.

`Request`, `Group` and `Scope` are the three shells around spans and around log records, which have the same numbers.
"""


@cache
def classes() -> Mapping[str, Any]:
    """Return a class for each message, in a pool of their own, which no other OTLP package in the process meets."""
    try:
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
    except ImportError as problem:
        raise UnknownKind(
            "protobuf is not read here: send OTLP as JSON, or install evalgate-service[otlp] on the server"
        ) from problem
    scalars = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="evalgate/otlp.proto", package="evalgate.otlp", syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, written) in fields.items():
            *how, kind = written.split(" ")
            added = message.field.add(name=field, number=number)
            added.label = scalars.LABEL_REPEATED if "repeated" in how else scalars.LABEL_OPTIONAL
            if kind in MESSAGES:
                added.type, added.type_name = scalars.TYPE_MESSAGE, f".evalgate.otlp.{kind}"
            else:
                added.type = getattr(scalars, f"TYPE_{kind.upper()}")
            if "one" in how:
                if not message.oneof_decl:
                    message.oneof_decl.add(name="value")
                added.oneof_index = 0
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"evalgate.otlp.{name}")) for name in MESSAGES
    }
