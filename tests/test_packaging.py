"""What a shop gets when it installs the package: all that it needs and nothing else."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

import ecommerce_comms

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "ecommerce_comms"
LEFT_AT_HOME = shutil.ignore_patterns(".*", "var", "build", "dist", "*.egg-info", "__pycache__", "node_modules")

CONFIG = ConfigParser()
CONFIG.read(ROOT / "setup.cfg")


def requirements(text: str) -> dict[str, Requirement]:
    """Requirements by their normal names."""
    found = [Requirement(line) for line in text.splitlines() if line and not line.startswith(("#", "-"))]
    return {normal(requirement.name): requirement for requirement in found}


def normal(name: str) -> str:
    """The name of a distribution in the form in which two are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


REQUIRED = requirements(CONFIG["options"]["install_requires"])
EXTRAS = {name: requirements(text) for name, text in CONFIG["options.extras_require"].items()}
PINNED = {name: pin for file in ROOT.glob("requirements*.txt") for name, pin in requirements(file.read_text()).items()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> set[str]:
    """The names in a wheel, built from a copy so that nothing older in the tree gets in."""
    source, target = tmp_path_factory.mktemp("source") / "tree", tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, source, ignore=LEFT_AT_HOME)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    done = subprocess.run([*pip, "--wheel-dir", str(target), str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with ZipFile(next(target.glob("*.whl"))) as archive:
        return set(archive.namelist())


def package_files() -> Iterator[str]:
    """Every file of the package that is kept, not made."""
    kept = (path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".mo")
    return (path.relative_to(ROOT).as_posix() for path in kept)


def test_wheel_holds_every_file_of_the_package(wheel):
    assert set(package_files()) - wheel == set()


def test_wheel_holds_nothing_but_the_package(wheel):
    assert {name.split("/")[0] for name in wheel if ".dist-info/" not in name} == {"ecommerce_comms"}


def test_wheel_holds_no_tests_and_no_caches(wheel):
    assert [name for name in wheel if re.search(r"(^|/)(tests?|__pycache__|example_project|docs|benchmarks)/", name)] == []


def test_wheel_says_its_licence_and_that_it_is_typed(wheel):
    assert {"ecommerce_comms/py.typed"} <= wheel
    assert any(name.endswith("licenses/LICENSE") for name in wheel)


def imported_by(node: ast.AST) -> set[str]:
    """The top-level modules that ``node`` imports, if it is an import."""
    if isinstance(node, ast.Import):
        return {name.name.split(".")[0] for name in node.names}
    return {str(node.module).split(".")[0]} if isinstance(node, ast.ImportFrom) else set()


NAMESPACES = {"opentelemetry": ["opentelemetry-api"]}
"""Several distributions share these; what the package imports comes with the one that stands here."""


def imported() -> dict[str, set[str]]:
    """Distributions whose modules the package imports -> the files that do."""
    owners, found = packages_distributions() | NAMESPACES, {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for top in imported_by(node) - sys.stdlib_module_names - {"ecommerce_comms"}:
                for owner in owners.get(top, [top]):
                    found.setdefault(normal(owner), set()).add(path.relative_to(ROOT).as_posix())
    return found


def test_what_is_imported_is_required_or_an_extra():
    allowed = set(REQUIRED) | {name for extra, named in EXTRAS.items() if extra not in ("test", "dev", "bench") for name in named}
    assert {name: files for name, files in imported().items() if name not in allowed} == {}


def test_what_is_required_is_imported():
    assert set(REQUIRED) - set(imported()) == set()


def test_pinned_versions_fit_the_promised_ranges():
    ranges = [*REQUIRED.values(), *(requirement for named in EXTRAS.values() for requirement in named.values())]
    pins = {name: next(iter(pin.specifier)).version for name, pin in PINNED.items()}
    assert [str(wanted) for wanted in ranges if not wanted.specifier.contains(pins[normal(wanted.name)])] == []


def test_every_requirement_has_a_tested_floor():
    assert [str(wanted) for wanted in REQUIRED.values() if ">=" not in str(wanted.specifier)] == []


def test_version_stands_in_one_place():
    assert CONFIG["metadata"]["version"] == "attr: ecommerce_comms.__version__"
    assert re.fullmatch(r"\d+\.\d+\.\d+", ecommerce_comms.__version__)
