"""The house's own rules: the tree, foreign keys, templates, sizes."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from statistics import median

import pytest
from django.apps import apps
from django.db.models import ForeignKey

ROOT = Path(__file__).resolve().parents[2]
CONTEXTS = ("rooms", "reservations", "payments", "reviews", "notifications")
TOP = {
    "manage.py", "airbnb", *CONTEXTS, "templates", "requirements.txt", "tests",  # the customer's
    "README.md", "README.ko.md", "Makefile", "pyproject.toml", "requirements-local.txt", "requirements-dev.txt",
    "requirements.lock", "requirements-local.lock", "requirements-dev.lock", ".ci", ".gitignore", "docs", "locale",
    "LICENSE", "benchmarks",
}  # fmt: skip
MUST = {"manage.py", "airbnb", *CONTEXTS, "templates", "requirements.txt", "tests"}

# Functions and files over the ceilings. This list may only shrink.
LONG_FUNCTIONS: set[str] = set()
LONG_FILES: set[str] = set()


def tracked(pattern: str = "") -> list[Path]:
    """The files that belong to the project: what git knows, else what lies there."""
    found = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    paths = [ROOT / line for line in found.stdout.splitlines()] if found.returncode == 0 else list(ROOT.rglob("*"))
    return [path for path in paths if path.is_file() and re.search(pattern, path.as_posix())]


def own_code() -> list[Path]:
    """The product's Python, without migrations and tests."""
    parts = {"airbnb", *CONTEXTS}
    return [p for p in tracked(r"\.py$") if p.relative_to(ROOT).parts[0] in parts and "migrations" not in p.parts]


def test_the_top_level_is_the_customers() -> None:
    present = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert present >= MUST
    assert present <= TOP, f"not decided: {sorted(present - TOP)}"


def foreign_keys_that_leave(label: str, keys: list[tuple[str, str]]) -> list[str]:
    """Of a context's foreign keys, as (field, app it points to), those that leave it for anything but people."""
    return [f"{name} → {target}" for name, target in keys if target not in {label, "accounts"}]


def test_foreign_keys_stay_inside_a_context_except_to_people() -> None:
    for model in apps.get_models():
        label = model._meta.app_label
        fields = [each for each in model._meta.get_fields() if isinstance(each, ForeignKey)]
        keys = [(f"{model.__name__}.{each.name}", each.related_model._meta.app_label) for each in fields]
        if label in CONTEXTS:
            assert foreign_keys_that_leave(label, keys) == []


def test_a_planted_foreign_key_is_reported() -> None:
    keys = [("Review.room", "rooms"), ("Review.author", "accounts"), ("Review.window", "reviews")]
    assert foreign_keys_that_leave("reviews", keys) == ["Review.room → rooms"]


def includes_that_leave(own: str, text: str) -> list[str]:
    """What a template of the folder ``own`` includes from other folders than its own and the components."""
    targets = re.findall(r"{%\s*include\s+[\"']([^\"']+)", text)
    return [each for each in targets if "/" in each and each.split("/")[0] not in {own, "components"}]


def test_templates_include_only_their_own_and_components() -> None:
    for path in tracked(r"/templates/.*\.(html|txt)$"):
        own = path.relative_to(ROOT / "templates").parts[0]
        assert includes_that_leave(own, path.read_text("utf-8")) == [], path.name


def test_a_planted_include_is_reported() -> None:
    text = '{% include "components/bill.html" %}{% include "rooms/_head.html" %}{% include "reviews/_stars.html" %}'
    assert includes_that_leave("reviews", text) == ["rooms/_head.html"]


def test_templates_are_short() -> None:
    long = {p.as_posix(): n for p in tracked(r"/templates/.*\.html$") if (n := p.read_text("utf-8").count("\n")) > 150}
    assert not long


def functions() -> list[tuple[str, int]]:
    """Every function of the product by name, with its length in lines without the docstring."""
    found = []
    for path in own_code():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno:
                length = node.end_lineno - node.lineno + 1
                first = node.body[0]
                if ast.get_docstring(node) and first.end_lineno:
                    length -= first.end_lineno - first.lineno + 1
                found.append((f"{path.relative_to(ROOT).as_posix()}:{node.name}", length))
    return found


def test_functions_are_short() -> None:
    lengths = functions()
    too_long = {name for name, length in lengths if length > 60}
    assert too_long <= LONG_FUNCTIONS, sorted(too_long - LONG_FUNCTIONS)
    assert too_long == LONG_FUNCTIONS, "the list of excuses may only shrink: take out what is short now"
    assert median(length for _, length in lengths) <= 10
    assert sum(length <= 35 for _, length in lengths) >= 0.95 * len(lengths)


def test_files_are_short() -> None:
    long = {
        path.relative_to(ROOT).as_posix()
        for path in tracked(r"\.py$")
        if "migrations" not in path.parts and path.read_text("utf-8").count("\n") > 400
    }
    assert long == LONG_FILES


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_context_has_the_same_grammar(context: str) -> None:
    folder = ROOT / context
    for name in ("README.md", "apps.py", "queries", "models", "services", "api", "admin"):
        there = (folder / name).exists() or (folder / f"{name}.py").exists() or (folder / name).is_dir()
        assert there, f"{context} has no {name}"


def test_models_do_not_publish() -> None:
    for path in own_code():
        if path.stem == "models" or "models" in path.parts:
            text = path.read_text("utf-8")
            assert "publish(" not in text, path
            assert "import httpx" not in text, path


def test_the_repository_names_no_registry_and_no_foreign_path() -> None:
    words = ("py" + "pi.org", "files.python" + "hosted", "deb.deb" + "ian.org", "registry.np" + "mjs", "jsde" + "livr")
    for path in tracked():
        if path.suffix in {".webp", ".png", ".ico", ".woff2"}:
            continue
        text = path.read_text("utf-8", errors="ignore")
        for word in words:
            assert word not in text, f"{path.relative_to(ROOT)} names {word}"


@pytest.mark.parametrize(
    "page", ["README.md", "README.ko.md", "docs/map.md", "docs/operations.md", "docs/reliability.md"]
)
def test_links_of_the_documents_lead_somewhere(page: str) -> None:
    path = ROOT / page
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), f"{page} links to {target}"
