"""The catalogue of amenities: code, group, names and icon; a room stores codes only."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.texts import Texts, texts


@dataclass(frozen=True, slots=True)
class Amenity:
    """One thing a room may have; ``icon`` names a symbol of the icon sheet."""

    code: str
    group: str
    name_i18n: Texts
    icon: str


GROUPS: dict[str, Texts] = {
    "basics": texts("기본", "Basics"),
    "kitchen": texts("부엌", "Kitchen"),
    "comfort": texts("쾌적함", "Comfort"),
    "place": texts("집과 둘레", "House and grounds"),
    "safety": texts("안전", "Safety"),
    "access": texts("드나들기", "Access"),
}

_ALL = (
    Amenity("wifi", "basics", texts("와이파이", "Wi-Fi"), "wifi"),
    Amenity("tv", "basics", texts("텔레비전", "Television"), "tv"),
    Amenity("desk", "basics", texts("책상과 의자", "Desk and chair"), "work"),
    Amenity("linen", "basics", texts("수건과 침구", "Towels and linen"), "bed"),
    Amenity("hair_dryer", "basics", texts("헤어드라이어", "Hair dryer"), "bath"),
    Amenity("kitchen", "kitchen", texts("부엌과 조리 도구", "Kitchen with cookware"), "pot"),
    Amenity("fridge", "kitchen", texts("냉장고", "Fridge"), "cool"),
    Amenity("microwave", "kitchen", texts("전자레인지", "Microwave"), "pot"),
    Amenity("coffee", "kitchen", texts("커피 도구", "Coffee maker"), "pot"),
    Amenity("breakfast", "kitchen", texts("아침 식사", "Breakfast"), "gift"),
    Amenity("washer", "comfort", texts("세탁기", "Washing machine"), "washer"),
    Amenity("dryer", "comfort", texts("건조기", "Tumble dryer"), "washer"),
    Amenity("air_conditioning", "comfort", texts("에어컨", "Air conditioning"), "cool"),
    Amenity("heating", "comfort", texts("난방", "Heating"), "heat"),
    Amenity("ondol", "comfort", texts("온돌 난방", "Ondol floor heating"), "heat"),
    Amenity("bathtub", "comfort", texts("욕조", "Bathtub"), "bath"),
    Amenity("cypress_bath", "comfort", texts("편백 욕탕", "Cypress bath"), "bath"),
    Amenity("parking", "place", texts("주차", "Parking"), "car"),
    Amenity("garden", "place", texts("마당", "Courtyard or garden"), "leaf"),
    Amenity("terrace", "place", texts("테라스", "Terrace"), "leaf"),
    Amenity("barbecue", "place", texts("바비큐", "Barbecue"), "pot"),
    Amenity("pool", "place", texts("수영장", "Pool"), "bath"),
    Amenity("sea_view", "place", texts("바다 전망", "Sea view"), "eye"),
    Amenity("mountain_view", "place", texts("산 전망", "Mountain view"), "eye"),
    Amenity("crib", "comfort", texts("아기 침대", "Crib"), "bed"),
    Amenity("pets", "place", texts("반려동물 함께", "Pets welcome"), "paw"),
    Amenity("smoke_alarm", "safety", texts("화재경보기", "Smoke alarm"), "smoke"),
    Amenity("fire_extinguisher", "safety", texts("소화기", "Fire extinguisher"), "shield"),
    Amenity("first_aid", "safety", texts("구급상자", "First aid kit"), "shield"),
    Amenity("co_alarm", "safety", texts("일산화탄소 경보기", "Carbon monoxide alarm"), "smoke"),
    Amenity("self_check_in", "access", texts("비밀번호로 들어가기", "Self check-in"), "key"),
    Amenity("step_free", "access", texts("계단 없음", "Step-free"), "door"),
    Amenity("elevator", "access", texts("엘리베이터", "Lift"), "door"),
    Amenity("luggage", "access", texts("짐 맡기기", "Luggage storage"), "gift"),
)

AMENITIES: dict[str, Amenity] = {each.code: each for each in _ALL}


def unknown(codes: list[str]) -> list[str]:
    """Those of ``codes`` that the catalogue does not have, in the order given."""
    return [code for code in codes if code not in AMENITIES]


def in_order(codes: list[str]) -> list[str]:
    """The known codes without repeats, in the order of the catalogue."""
    wanted = set(codes)
    return [code for code in AMENITIES if code in wanted]


def described(codes: list[str]) -> list[Amenity]:
    """The catalogue's entries for ``codes``, in its order."""
    return [AMENITIES[code] for code in in_order(codes)]
