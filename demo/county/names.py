"""Names of made-up persons and hamlets."""

import random

# As frequent as in the county: the first ones most.
_SURNAMES = "韦黄覃陆莫李陈梁罗农蒙蓝潘卢岑何"
_WEIGHTS = (18, 12, 10, 8, 7, 6, 5, 5, 5, 4, 5, 8, 3, 2, 1, 1)
# Given names follow the fashion of the birth year: (first characters, second characters) by sex.
_GIVEN = {
    ("male", False): ("国建志光文永荣福德生家桂", "强华明军才林发贵平安忠良勇"),
    ("female", False): ("秀桂玉美春兰凤彩爱月金丽", "英芳花珍莲梅琼娟香兰妹群"),
    ("male", True): ("子浩宇俊嘉梓文思承明家天", "轩然杰航睿辰豪宁涛鹏远泽"),
    ("female", True): ("雨欣思梦诗佳静晓梓雅语婷", "怡涵萱琪悦妍彤洁瑶婷雯宁"),
}
_HAMLET_FIRST = "弄那板古加内上下拉可龙百"
_HAMLET_SECOND = "怀良才桑乐平楼谭坡岩峒洋林雷祥朋马力"


def surname(rng: random.Random) -> str:
    return rng.choices(_SURNAMES, _WEIGHTS)[0]


def given_name(rng: random.Random, sex: str, birth_year: int) -> str:
    first, second = _GIVEN[sex, birth_year >= 1990]
    tail = second[int(rng.random() * len(second))]
    return tail if rng.random() < 0.12 else first[int(rng.random() * len(first))] + tail


def hamlets(rng: random.Random) -> list[str]:
    """The hamlets of one village, each name once."""
    names = {rng.choice(_HAMLET_FIRST) + rng.choice(_HAMLET_SECOND) + "屯" for _ in range(rng.randint(3, 9))}
    return sorted(names)
