"""Text search that knows Korean: Hangul runs are cut into overlapping pairs, so a word is found inside a word.

PostgreSQL's ``simple`` dictionary only matches whole Korean words with their particles; pairs in a ``tsvector``
with phrase queries find "서울" in "서울에서" and need no extension.
"""

from __future__ import annotations

import re

_RUN = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]+|[^\W_가-힣ㄱ-ㅎㅏ-ㅣ]+")
_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
# tsvector positions end at 16,383; later words would all share the last one.
_MOST = 16_000
_GAP = 2


def _runs(text: str) -> list[str]:
    return [run.casefold()[:60] for run in _RUN.findall(text)]


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def search_vector(*parts: str) -> str:
    """A ``tsvector`` literal of all parts: pairs and a last letter for Hangul, whole words for the rest."""
    position, words = 1, []
    for run in (run for part in parts for run in _runs(part)):
        tokens = [*_pairs(run), run[-1]] if _HANGUL.match(run) and len(run) > 1 else [run]
        for token in tokens:
            words.append(f"'{token}':{position}")
            position += 1
        position += _GAP
        if position > _MOST:
            break
    return " ".join(words)


def search_query(text: str) -> str:
    """A ``tsquery`` literal: every word must occur; Hangul as a phrase of pairs, others as a prefix. "" for none."""
    return " & ".join(_clause(run) for run in _runs(text)[:8])


def _clause(run: str) -> str:
    if _HANGUL.match(run) and len(run) > 1:
        return "(" + " <-> ".join(f"'{pair}'" for pair in _pairs(run)) + ")"
    return f"'{run}':*"
