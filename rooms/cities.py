"""Cities we know by name: Korean and English names, their areas and a centre point; others are taken as written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rooms.texts import Texts, texts


@dataclass(frozen=True, slots=True)
class City:
    """A place to search in; ``lat``/``lng`` is its centre, ``areas`` maps a code to its names."""

    code: str
    name_i18n: Texts
    lat: float
    lng: float
    areas: dict[str, Texts] = field(default_factory=dict)
    near: tuple[str, ...] = ()


_ALL = (
    City(
        "seoul",
        texts("서울", "Seoul"),
        37.5665,
        126.9780,
        {
            "bukchon": texts("북촌", "Bukchon"),
            "seochon": texts("서촌", "Seochon"),
            "yeonnam": texts("연남동", "Yeonnam-dong"),
            "seongsu": texts("성수동", "Seongsu-dong"),
            "haebangchon": texts("해방촌", "Haebangchon"),
        },
        ("suwon", "gangneung"),
    ),
    City(
        "busan",
        texts("부산", "Busan"),
        35.1796,
        129.0756,
        {
            "haeundae": texts("해운대", "Haeundae"),
            "gwangalli": texts("광안리", "Gwangalli"),
            "yeongdo": texts("영도", "Yeongdo"),
            "nampo": texts("남포동", "Nampo-dong"),
        },
        ("gyeongju", "tongyeong"),
    ),
    City(
        "jeju",
        texts("제주", "Jeju"),
        33.4996,
        126.5312,
        {
            "aewol": texts("애월", "Aewol"),
            "gujwa": texts("구좌", "Gujwa"),
            "seogwipo": texts("서귀포", "Seogwipo"),
            "hallim": texts("한림", "Hallim"),
        },
        ("yeosu",),
    ),
    City(
        "gyeongju",
        texts("경주", "Gyeongju"),
        35.8562,
        129.2247,
        {
            "hwangnam": texts("황남동", "Hwangnam-dong"),
            "gyo": texts("교동", "Gyo-dong"),
            "bomun": texts("보문", "Bomun"),
            "dongbu": texts("동부동", "Dongbu-dong"),
        },
        ("busan",),
    ),
    City(
        "jeonju",
        texts("전주", "Jeonju"),
        35.8242,
        127.1480,
        {
            "pungnam": texts("풍남동", "Pungnam-dong"),
            "gyo": texts("교동", "Gyo-dong"),
            "seohak": texts("서학동", "Seohak-dong"),
        },
        ("yeosu", "suwon"),
    ),
    City(
        "gangneung",
        texts("강릉", "Gangneung"),
        37.7519,
        128.8761,
        {
            "anmok": texts("안목", "Anmok"),
            "gyeongpo": texts("경포", "Gyeongpo"),
            "myeongju": texts("명주동", "Myeongju-dong"),
        },
        ("sokcho", "seoul"),
    ),
    City(
        "sokcho",
        texts("속초", "Sokcho"),
        38.2070,
        128.5918,
        {
            "cheongho": texts("청호동", "Cheongho-dong"),
            "seorak": texts("설악동", "Seorak-dong"),
        },
        ("gangneung",),
    ),
    City(
        "yeosu",
        texts("여수", "Yeosu"),
        34.7604,
        127.6622,
        {
            "dolsan": texts("돌산", "Dolsan"),
            "jongpo": texts("종포", "Jongpo"),
        },
        ("tongyeong", "jeonju"),
    ),
    City(
        "tongyeong",
        texts("통영", "Tongyeong"),
        34.8544,
        128.4331,
        {
            "dongpirang": texts("동피랑", "Dongpirang"),
            "mireuk": texts("미륵도", "Mireukdo"),
        },
        ("busan", "yeosu"),
    ),
    City(
        "suwon",
        texts("수원", "Suwon"),
        37.2636,
        127.0286,
        {
            "haenggung": texts("행궁동", "Haenggung-dong"),
        },
        ("seoul",),
    ),
)

CITIES: dict[str, City] = {each.code: each for each in _ALL}

# "부산광역시" and "Busan-si" are the same place as "부산".
_SUFFIX = re.compile(r"(특별자치도|특별자치시|특별시|광역시|시|[ -]?(city|si|do))$")
_BY_NAME = {name.casefold(): city.code for city in _ALL for name in (*city.name_i18n.values(), city.code)}


def city_key(name: str) -> str:
    """The code of a known city by any of its names, or the name itself, folded, for others."""
    folded = " ".join(name.split()).casefold()
    return _BY_NAME.get(folded) or _BY_NAME.get(_SUFFIX.sub("", folded)) or folded


def city_name(key: str, given: str = "") -> Texts:
    """Names of the city in both languages; an unknown city is called as the host wrote it."""
    known = CITIES.get(key)
    return known.name_i18n if known else texts(given or key, given or key)


def area_name(city: str, area: str) -> Texts:
    """Names of an area of a city; free text stays as written."""
    known = CITIES.get(city)
    found = known.areas.get(area) if known else None
    return found or texts(area, area)


def centre(key: str) -> tuple[float, float] | None:
    """``(lat, lng)`` of a known city's middle."""
    known = CITIES.get(key)
    return (known.lat, known.lng) if known else None
