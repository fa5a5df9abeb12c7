"""The people of the demonstration; all are invented, and their addresses lead nowhere (RFC 2606, example names)."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "binbang-demo-1"  # noqa: S105  (printed on purpose: it opens invented accounts on a laptop)


@dataclass(frozen=True, slots=True)
class Someone:
    """A person: the part before the @, the name that others see, and the language they read."""

    address: str
    name: str
    language: str = "ko"

    @property
    def email(self) -> str:
        """The whole address."""
        return f"{self.address}@binbang.example"


DEMO_HOST = Someone("host", "한지우")
DEMO_GUEST = Someone("guest", "이서윤")
DEMO_OPERATOR = Someone("operator", "정도윤")

HOSTS = (
    DEMO_HOST,
    Someone("minho", "강민호"),
    Someone("sora", "윤소라"),
    Someone("youngja", "박영자"),
    Someone("eunchae", "임은채"),
    Someone("taeyang", "오태양"),
    Someone("haneul", "서하늘"),
    Someone("mirae", "조미래"),
    Someone("daniel", "Daniel Hart", "en"),
)

GUESTS = (
    DEMO_GUEST,
    Someone("jiho", "박지호"),
    Someone("yujin", "최유진"),
    Someone("hana", "오하나"),
    Someone("doyun", "김도윤"),
    Someone("minjae", "최민재"),
    Someone("narae", "강나래"),
    Someone("sunghoon", "배성훈"),
    Someone("yuna", "문유나"),
    Someone("haein", "정해인"),
    Someone("siwoo", "류시우"),
    Someone("boram", "신보람"),
    Someone("jaewon", "황재원"),
    Someone("dahye", "안다혜"),
    Someone("kyungmin", "노경민"),
    Someone("anna", "Anna Weber", "en"),
    Someone("marco", "Marco Rossi", "en"),
    Someone("hanna", "Hanna Lee", "en"),
    Someone("tom", "Tom Fletcher", "en"),
    Someone("claire", "Claire Moreau", "en"),
    Someone("kenji", "Kenji Mori", "en"),
    Someone("ingrid", "Ingrid Solberg", "en"),
)
