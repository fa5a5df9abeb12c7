"""The banks that hosts can be paid at, by the codes of Korea's clearing institute (KFTC)."""

from __future__ import annotations

BANKS: dict[str, dict[str, str]] = {
    code: {"ko": ko, "en": en}
    for code, ko, en in (
        ("004", "국민은행", "KB Kookmin Bank"),
        ("088", "신한은행", "Shinhan Bank"),
        ("020", "우리은행", "Woori Bank"),
        ("081", "하나은행", "Hana Bank"),
        ("011", "농협은행", "NH NongHyup Bank"),
        ("003", "기업은행", "Industrial Bank of Korea"),
        ("090", "카카오뱅크", "KakaoBank"),
        ("092", "토스뱅크", "Toss Bank"),
        ("089", "케이뱅크", "K bank"),
        ("023", "SC제일은행", "SC First Bank"),
        ("027", "한국씨티은행", "Citibank Korea"),
        ("002", "산업은행", "Korea Development Bank"),
        ("007", "수협은행", "Suhyup Bank"),
        ("031", "iM뱅크", "iM Bank"),
        ("032", "부산은행", "Busan Bank"),
        ("034", "광주은행", "Gwangju Bank"),
        ("035", "제주은행", "Jeju Bank"),
        ("037", "전북은행", "Jeonbuk Bank"),
        ("039", "경남은행", "Kyongnam Bank"),
        ("045", "새마을금고", "MG Community Credit Cooperatives"),
        ("048", "신협", "National Credit Union Federation"),
        ("071", "우체국", "Korea Post"),
    )
}


def bank_name(code: str) -> dict[str, str]:
    """The bank's name in both languages; an unknown code is its own name."""
    return BANKS.get(code) or {"ko": code, "en": code}
