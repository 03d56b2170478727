"""The plan of the house: which room imports which, how long things are, and who may read the time."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "ecommerce_comms"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}

LONGEST_FILE = 300
LONGEST_FUNCTION = 50
TIME_READERS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("timezone", "now"), ("timezone", "localtime"),
    ("timezone", "localdate"), ("time", "time"), ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"),
}
# What only the place where it was written knows: a home, a workshop's paths.
MACHINE_PATHS = re.compile(r"(?<![\w.:/-])/(?:work|root|home/\w+|Users/\w+)/[\w.]")
TEXT_SUFFIXES = {".py", ".md", ".toml", ".cfg", ".txt", ".html", ".css", ".js", ".po", ".in", ".yml", ".json", ".svg", ""}
SKIPPED_FOLDER = re.compile(r"var|build|dist|node_modules|__pycache__|.*\.egg-info")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def where(path: Path, line: int) -> str:
    """A place as an editor opens it."""
    return f"{path.relative_to(ROOT)}:{line}"


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method in ``tree``."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def test_imports_run_down():
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"})
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_import_hides_in_a_function():
    hidden = [
        where(path, inner.lineno)
        for path, tree in TREES.items() for function in functions(tree) for inner in ast.walk(function)
        if isinstance(inner, (ast.Import, ast.ImportFrom)) and not (path.name == "apps.py" and function.name == "ready")
    ]
    assert hidden == []


def test_only_the_clock_reads_the_time():
    def reads(node: ast.AST) -> bool:
        if not isinstance(node, ast.Attribute):
            return False
        owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        return (owner, node.attr) in TIME_READERS

    def fetches(node: ast.AST) -> bool:
        return isinstance(node, ast.ImportFrom) and any((str(node.module).split(".")[-1], name.name) in TIME_READERS for name in node.names)

    readers = [where(path, node.lineno) for path, tree in TREES.items() if path.name != "clock.py"
               for node in ast.walk(tree) if reads(node) or fetches(node)]
    assert readers == []


def test_files_stay_short():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_functions_stay_short():
    lengths = {where(path, function.lineno): (function.end_lineno or 0) - function.lineno + 1
               for path, tree in TREES.items() for function in functions(tree)}
    assert {place: length for place, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_everything_public_explains_itself():
    silent = [where(path, 1) for path, tree in TREES.items() if not ast.get_docstring(tree)]
    public = [
        (path, node) for path, tree in TREES.items() for node in tree.body
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_")
    ]
    silent += [where(path, node.lineno) for path, node in public if not ast.get_docstring(node)]
    assert silent == []


def test_everything_says_what_it_takes_and_gives():
    def bare(function: Function) -> bool:
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs, function.args.vararg, function.args.kwarg]
        untyped = [one for one in arguments if one and one.annotation is None and one.arg not in ("self", "cls")]
        return bool(untyped) or function.returns is None

    assert [where(path, function.lineno) for path, tree in TREES.items() for function in functions(tree) if bare(function)] == []


def texts() -> Iterator[Path]:
    """Every file of the project that people read."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name == ".ci" or (not name.startswith(".") and not SKIPPED_FOLDER.fullmatch(name))]
        yield from (Path(folder) / name for name in names if Path(name).suffix in TEXT_SUFFIXES and name != ".git")


def test_project_knows_no_machine_but_the_readers():
    lines = ((where(path, number), line) for path in texts()
             for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1))
    found = [place for place, line in lines if MACHINE_PATHS.search(line)]
    assert found == []


@pytest.mark.parametrize("code, caught", [
    ("/wor" "k/main/x.py", True), ("see /roo" "t/notes", True), ("https://shop.example/homework/7", False), ("/work-in-progress", False),
])
def test_machine_paths_are_told_from_addresses(code, caught):
    assert bool(MACHINE_PATHS.search(code)) is caught
