import pytest

from fangpin.accounts.models import Department, Division, Level, code_range
from fangpin.accounts.places.divisions import PlaceFinder, load_departments, load_divisions


def test_divisions_of_the_whole_region_are_loaded(db):
    counts = {level: Division.objects.filter(level=level).count() for level in Level.values}
    assert counts == {"region": 1, "city": 14, "county": 111, "township": 1284, "village": 16681}


def test_load_again_changes_nothing(db):
    before = Division.objects.count(), Department.objects.count()
    load_divisions()
    load_departments()
    assert (Division.objects.count(), Department.objects.count()) == before


@pytest.mark.parametrize(
    ("code", "low", "high"),
    [
        ("450000000000", "450000000000", "459999999999"),
        ("451200000000", "451200000000", "451299999999"),
        ("451228000000", "451228000000", "451228999999"),
        ("451228100000", "451228100000", "451228100999"),
        ("451228100001", "451228100001", "451228100001"),
    ],
)
def test_code_range_covers_what_lies_below(code, low, high):
    assert code_range(code) == (low, high)


@pytest.mark.parametrize("code", ["451228000000", "451228100000", "451228101201", "451200000000"])
def test_code_range_agrees_with_the_tree(db, code):
    def below(parents):
        children = set(Division.objects.filter(parent__in=parents).values_list("code", flat=True))
        return children | below(children) if children else children

    division = Division.objects.get(code=code)
    assert set(Division.objects.within(division).values_list("code", flat=True)) == {code} | below({code})


@pytest.fixture
def places(county):
    return PlaceFinder(county)


@pytest.mark.parametrize(
    ("township", "village", "code"),
    [
        ("高岭镇", "弄池村委会", "451228101206"),
        ("高岭镇", "弄池村", "451228101206"),
        ("高岭", "弄池", "451228101206"),
        ("高岭镇", "弄池村民委员会", "451228101206"),
        ("安阳镇", "镇南社区", "451228100001"),
        ("安阳镇", "镇南社区居民委员会", "451228100001"),
        ("安阳镇", "镇南居委会", "451228100001"),
        (" 安阳 镇 ", "镇南", "451228100001"),
        ("高岭镇", "451228101206", "451228101206"),
        ("高岭镇", "三合村村民委员会", "451228101203"),
        ("高岭镇", "三合村村委会", "451228101203"),
        ("高岭镇", "三合行政村", "451228101203"),
        ("高岭镇", "高岭镇三合村", "451228101203"),
        ("高岭镇", "都安县高岭镇三合村委会", "451228101203"),
        ("都安县高岭镇", "三合村", "451228101203"),
        ("广西河池市都安瑶族自治县高岭镇", "三合村", "451228101203"),
        ("安阳镇", "高岭镇三合村", None),  # the two cells contradict each other
        ("大化县高岭镇", "三合村", None),
        ("都安县", "三合村", None),
        ("安阳镇", "弄池村", None),  # of another township
        ("高岭镇", "没有村", None),
        ("没有镇", "弄池村", None),
        ("高岭镇", "", None),
    ],
)
def test_village_is_found_inside_its_township(places, township, village, code):
    assert places.village(township, village) == code


def test_village_and_community_of_one_name_are_told_apart(db):
    places = PlaceFinder(Division.objects.get(code="450103000000"))  # 中山街道 has both
    assert places.village("中山街道", "津头社区") != places.village("中山街道", "津头村")
    assert places.village("中山街道", "津头") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("都安瑶族自治县", True),
        ("都安县", True),
        ("都安", True),
        ("451228000000", True),
        ("451228", True),
        ("广西都安瑶族自治县", True),
        ("广西壮族自治区河池市都安瑶族自治县", True),
        ("河池市都安县", True),
        ("河池市", False),
        ("广西", False),
        ("百色市都安县", False),
        ("大化县", False),
        ("县", False),
    ],
)
def test_county_is_recognised_by_its_names(places, text, expected):
    assert places.is_county(text) is expected


@pytest.mark.parametrize(
    ("county", "words", "code"),
    [
        ("450124000000", "古寨乡", "450124202000"),
        ("450124000000", "古寨瑶族乡", "450124202000"),
        ("450124000000", "古寨", "450124202000"),
        ("450124000000", "马山县古寨乡", "450124202000"),
        ("450124000000", "古寨民族乡", "450124202000"),
        ("450124000000", "古寨瑶乡", "450124202000"),
        ("450124000000", "古寨苗族乡", None),  # another people than the name has
        ("451030000000", "足别乡", "451030208000"),  # 足别瑶族苗族乡
        ("451030000000", "足别瑶族乡", "451030208000"),
        ("451030000000", "足别侗族乡", None),
        ("451228000000", "三只羊瑶族乡", "451228212000"),  # 三只羊乡: nothing that speaks against it
        ("451228000000", "瑶族乡", None),
        ("451228000000", "瑶族", None),
    ],
)
def test_township_without_the_people_in_its_name(db, county, words, code):
    places = PlaceFinder(Division.objects.get(code=county))
    assert places.township(words) == code


def test_township_of_one_short_name_and_another_is_never_picked(db):
    county = Division.objects.get(code="450124000000")
    Division.objects.create(code="450124299000", name="古寨镇", level="township", parent=county)
    places = PlaceFinder(county)
    assert places.township("古寨镇") == "450124299000"
    assert places.township("古寨瑶族乡") == "450124202000"
    assert places.township("古寨乡") is None
    assert places.township("古寨") is None


@pytest.mark.parametrize("village", ["本立村", "古寨乡本立村", "古寨瑶族乡本立村", "马山县古寨乡本立村"])
def test_village_of_a_township_without_the_people_in_its_name(db, village):
    places = PlaceFinder(Division.objects.get(code="450124000000"))
    code = Division.objects.get(parent="450124202000", name__startswith="本立").code
    assert places.village("古寨乡", village) == code
    assert places.villages_named(village) == [code]


@pytest.mark.parametrize(
    ("village", "codes"),
    [
        ("三合村", ["451228101203"]),
        ("高岭镇三合村", ["451228101203"]),
        ("都安县高岭镇三合村", ["451228101203"]),
        ("安阳镇三合村", []),
        ("天上村", []),
    ],
)
def test_villages_named_without_a_township_cell(places, village, codes):
    assert places.villages_named(village) == codes


@pytest.mark.parametrize("name", ["三合", "三合村", "三合村委会"])
def test_village_name_that_repeats_is_never_picked(places, county, name):
    other = Division.objects.get(code="451228100000")
    Division.objects.create(code="451228100299", name="三合村委会", level="village", parent=other)
    assert len(PlaceFinder(county).villages_named(name)) == 2
