"""Doctor and verify with one finding silenced at a time: the mistakes are read out of the source, so none is forgotten."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.mutants.mutation import Mutation

ROOT = Path(__file__).parents[2]
DOCTOR = ("tests/etl/test_doctor.py",)
VERIFY = ("tests/etl/test_verify.py",)
#: Where findings are made, and the tests that have a failing fixture for each.
MADE_IN = {
    "etl/host/hostchecks.py": DOCTOR,
    "etl/host/databasechecks.py": DOCTOR,
    "etl/host/doctor.py": DOCTOR,
    "etl/upkeep/verify.py": VERIFY,
    "etl/upkeep/reach.py": VERIFY,
}


def silenced() -> list[Mutation]:
    """A mutation for each finding: where it should be made all is said to be well."""
    return [found for file, tests in MADE_IN.items() for found in _of_file(file, tests)]


def _of_file(file: str, tests: tuple[str, ...]) -> Iterator[Mutation]:
    source = (ROOT / file).read_text(encoding="utf-8")
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    numbers: Counter[str] = Counter()
    for node in ast.walk(tree):
        if not isinstance(node, ast.expr) or (silence := _silence(node, source)) is None:
            continue
        around = _around(node, parents)
        block = next(one for one in around if isinstance(one, ast.If | ast.For | ast.ExceptHandler | ast.FunctionDef))
        function = next(one for one in around if isinstance(one, ast.FunctionDef))
        start, end = _at(source, block), _at(source, node)
        segment = ast.get_source_segment(source, node) or ""
        before = source[start:end]
        numbers[function.name] += 1
        name = f"silent: {Path(file).stem}.{function.name} {numbers[function.name]}"
        yield Mutation(name, ((file, before + segment, before + silence),), tests)


def _around(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> list[ast.AST]:
    """What a node lies in, the innermost first."""
    found = []
    while node in parents:
        node = parents[node]
        found.append(node)
    return found


def _silence(node: ast.expr, source: str) -> str | None:
    """What stands in place of a finding; None for whatever else a node is."""
    match node:
        case ast.Call(func=ast.Name(id="fail" | "warn")) | ast.Call(func=ast.IfExp()):
            return f"ok({ast.get_source_segment(source, node.args[0])}, '')"
        case ast.Yield(value=ast.Call(func=ast.Name(id="Discrepancy"))):
            return "yield from ()"
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="edited"), attr="append")):
            return "None"
        case ast.ListComp(elt=ast.Call(func=ast.Name(id="Discrepancy"))):
            return "[]"
        case _:
            return None


def _at(source: str, node: ast.expr | ast.stmt | ast.ExceptHandler) -> int:
    """The place of a node in the text; ast counts bytes within a line."""
    lines = source.splitlines(keepends=True)
    before, this = lines[: node.lineno - 1], lines[node.lineno - 1]
    return sum(map(len, before)) + len(this.encode()[: node.col_offset].decode())
