"""Check a request against the service's own model: names, types, enums, lengths and ranges.

boto3 itself checks names, types and required fields, but neither enums nor upper bounds; the
service checks those only after the request has been sent.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from sparkles.emr.config.findings import Finding
from sparkles.errors import MissingDependencyError, nearest

__all__ = ["check_shape", "input_shape", "instance_types"]

_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
}
_PLAIN = {
    "string": "text in quotes",
    "boolean": "true or false",
    "integer": "a whole number",
    "long": "a whole number",
    "float": "a number",
    "double": "a number",
    "structure": "an object",
    "map": "an object",
    "list": "a list",
}
_SHOWN = 80


def input_shape(service: str, operation: str) -> Any:
    """Return botocore's model of an operation's input, for example ``("emr", "RunJobFlow")``.

    Raises
    ------
    MissingDependencyError
        If botocore is missing.
    """
    return _service_model(service).operation_model(operation).input_shape


@functools.cache
def instance_types() -> frozenset[str]:
    """Return every instance type that the installed botocore knows."""
    return frozenset(_service_model("ec2").shape_for("InstanceType").enum)


@functools.cache
def _service_model(service: str) -> Any:
    try:
        import botocore.session
    except ImportError as error:
        raise MissingDependencyError.of_extra("sparkles emr needs boto3", "s3") from error
    return botocore.session.get_session().get_service_model(service)


def check_shape(value: Any, shape: Any, where: str = "") -> Iterator[Finding]:
    """Compare a value and everything inside it with its model.

    Parameters
    ----------
    value
        A value parsed from JSON.
    shape
        Its botocore shape.
    where
        The path of the value in the request.

    Yields
    ------
    Finding
    """
    kind = shape.type_name
    if kind not in _PYTHON_TYPES:  # blob, timestamp: our requests contain neither
        return
    fits: bool = isinstance(value, _PYTHON_TYPES[kind])
    if not fits or (kind != "boolean" and isinstance(value, bool)):
        yield Finding(where or "file", f"expected {_PLAIN[kind]}, got {_show(value)}")
        return
    if kind == "structure":
        yield from _check_structure(value, shape, where)
    elif kind == "list":
        yield from _check_size(len(value), shape, where, "entries")
        for index, item in enumerate(value):
            yield from check_shape(item, shape.member, f"{where}[{index}]")
    elif kind == "map":
        for key, item in value.items():
            yield from check_shape(item, shape.value, f"{where}.{key}")
    elif kind == "string":
        yield from _check_text(value, shape, where)
    elif kind != "boolean":
        yield from _check_size(value, shape, where, "")


def _check_structure(value: Mapping[str, Any], shape: Any, where: str) -> Iterator[Finding]:
    members = shape.members
    for name in value:
        path = f"{where}.{name}" if where else name
        if name in members:
            yield from check_shape(value[name], members[name], path)
        else:
            yield Finding(path, f"there is no such field.{nearest(name, members)}")
    for name in shape.required_members:
        if name not in value and not members[name].metadata.get("idempotencyToken"):
            yield Finding(f"{where}.{name}" if where else name, "is required but missing")


def _check_text(value: str, shape: Any, where: str) -> Iterator[Finding]:
    choices = list(shape.enum or [])
    if choices and value not in choices:
        yield Finding(where, f"expected one of {', '.join(choices)}; got {_show(value)}")
    else:
        yield from _check_size(len(value), shape, where, "characters")


def _check_size(size: float, shape: Any, where: str, unit: str) -> Iterator[Finding]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    unit = unit and f" {unit}"
    if least is not None and size < least:
        yield Finding(where, f"expected at least {least}{unit}, got {size}")
    if most is not None and size > most:
        yield Finding(where, f"expected at most {most}{unit}, got {size}")


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
