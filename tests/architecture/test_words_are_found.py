"""Every word for people is in the catalogues: what marks it is known to whoever collects them."""

from __future__ import annotations

import re

from airbnb import catalogs

MARKED = re.compile(r"\b\w*gettext\w* as (\w+)")


def test_gettext_goes_by_no_name_that_nobody_collects() -> None:
    found = {
        (path.name, name)
        for path in catalogs.source_files()
        if path.suffix == ".py"
        for name in MARKED.findall(path.read_text("utf-8"))
    }
    assert len(found) > 20
    assert {(path, name) for path, name in found if name not in catalogs.KEYWORDS} == set()
