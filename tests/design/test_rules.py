"""The rules of the design which can be read from the files: icons, inline code, colours and their contrast."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

ROOT = Path(settings.BASE_DIR)
STATIC = ROOT / "airbnb" / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Pages that stand alone when the application is down, and mail, which knows no stylesheets.
ALONE = {"alone_style.html", "alone_picture.html"}
ICON = re.compile(r"{%\s*icon\s+\"([\w-]+)\"|icon_name=\"([\w-]+)\"|\"icon(?:_name)?\":\s*\"([\w-]+)\"")
HEX = re.compile(r"#[0-9a-fA-F]{3,8}\b")
INLINE = re.compile(r"\sstyle=|<style|\son[a-z]+\s*=\s*[\"']|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE)


def page_templates() -> list[Path]:
    """Templates of pages, without mail and without what stands alone."""
    return [path for path in TEMPLATES if path.name not in ALONE and "email" not in path.parent.parts]


def name_of(path: Path) -> str:
    """How a path is told when it fails."""
    return path.relative_to(ROOT).as_posix()


def test_the_rules_have_files_to_look_at() -> None:
    assert len(page_templates()) > 50


@pytest.mark.parametrize("path", page_templates(), ids=name_of)
def test_pages_hold_no_inline_style_or_script(path: Path) -> None:
    source = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert not INLINE.findall(source)


@pytest.mark.parametrize("bad", ['<p style="color: red">', '<a onclick="x()">', "<style>", "<script>x</script>"])
def test_the_inline_rule_sees_what_it_must(bad: str) -> None:
    assert INLINE.search(bad)


@pytest.mark.parametrize("path", page_templates(), ids=name_of)
def test_pages_name_roles_and_no_colours(path: Path) -> None:
    source = re.sub(r"href=\"#[^\"]*\"|&#\d+;|{#.*?#}", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert not HEX.findall(source)


@pytest.mark.parametrize("path", sorted((STATIC / "css").rglob("*.css")), ids=name_of)
def test_colours_are_written_in_the_tokens_alone(path: Path) -> None:
    if path.name != "tokens.css":
        assert not HEX.findall(path.read_text("utf-8"))


def test_every_icon_in_use_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="i-([\w-]+)"', (STATIC / "img" / "icons.svg").read_text("utf-8")))
    sources = [*TEMPLATES, *(ROOT / "airbnb").rglob("*.py"), *(ROOT / "notifications").rglob("*.py")]
    used = {name for path in sources for groups in ICON.findall(path.read_text("utf-8")) for name in groups if name}
    assert len(used) > 20
    assert used <= drawn


def test_every_stylesheet_and_module_is_loaded_and_exists() -> None:
    source = "".join(path.read_text("utf-8") for path in TEMPLATES)
    linked = set(re.findall(r"{% static ['\"]([^'\"]+)['\"] %}", source))
    assert not [name for name in linked if not finders.find(name)]
    kept = {path.relative_to(STATIC).as_posix() for path in (STATIC / "css").rglob("*.css")}
    assert kept <= linked
    main = (STATIC / "js" / "main.js").read_text("utf-8")
    behaviours = {path.name for path in (STATIC / "js" / "behaviours").glob("*.js")} - {"dom.js", "fresh.js"}
    assert behaviours == set(re.findall(r'import "\./behaviours/([\w-]+\.js)"', main))


def test_the_style_of_pages_that_stand_alone_is_allowed_by_its_hash() -> None:
    source = (ROOT / "templates" / "components" / "alone_style.html").read_text("utf-8")
    [style] = re.findall(r"<style>(.*?)</style>", source, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["style-src"]
    assert "{" + "{" not in style


# ------------------------------------------------------------------------------------------------ contrast
def roles() -> dict[str, tuple[str, str]]:
    """Each colour role as ``(light, dark)``."""
    source = (STATIC / "css" / "tokens.css").read_text("utf-8")
    found = dict(re.findall(r"--([\w-]+):\s*light-dark\((#\w+, #\w+)\)", source))
    pairs = {role: tuple(value.split(", ")) for role, value in found.items()}
    for role, other in re.findall(r"--([\w-]+):\s*var\(--([\w-]+)\)", source):
        pairs.setdefault(role, pairs.get(other))
    return pairs  # type: ignore[return-value]


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    digits = colour.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


GROUNDS = ("paper", "paper-up", "paper-down")
TEXT_ON = [(ink, ground, 4.5) for ink in ("ink", "ink-2", "ink-3", "jjok", "stop") for ground in GROUNDS]
TEXT_ON += [(state, f"{state}-wash", 4.5) for state in ("ok", "wait", "stop", "note", "done")]
TEXT_ON += [("on-jjok", "jjok", 4.5), ("on-jjok", "jjok-deep", 4.5), ("ink", "jjok-soft", 4.5)]
TEXT_ON += [("jjok-deep", "jjok-soft", 4.5), ("paper", "ink", 4.5), ("on-ink-jjok", "ink", 4.5)]
TEXT_ON += [("ink", f"{state}-wash", 4.5) for state in ("ok", "wait", "stop", "done")]
EDGES = [("line-ctl", ground, 3.0) for ground in GROUNDS]


def test_the_measure_of_contrast_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), TEXT_ON + EDGES)
def test_text_and_edges_can_be_seen_in_both_themes(front: str, ground: str, least: float, theme: int) -> None:
    known = roles()
    assert contrast(known[front][theme], known[ground][theme]) >= least
