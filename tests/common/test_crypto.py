import datetime

import pytest
from django.db import connection

from fangpin.common import crypto
from fangpin.common.files import private_files
from households.models import Member
from tests import factories


def stored(member: Member) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM households_member WHERE id = %s", [member.pk])
        return bytes(cursor.fetchone()[0])


@pytest.fixture
def member(db):
    return factories.household().members.get()


def test_number_is_not_readable_in_the_database(member):
    assert member.id_number.encode() not in stored(member)
    assert Member.objects.get(pk=member.pk).id_number == member.id_number


def test_same_number_is_stored_differently_each_time():
    assert crypto.seal(b"x", b"f") != crypto.seal(b"x", b"f")


@pytest.mark.parametrize("position", [0, 1, 5, -1])
def test_changed_bytes_are_refused(position):
    sealed = bytearray(crypto.seal(b"459900", b"f"))
    sealed[position] ^= 1
    with pytest.raises(crypto.Undecipherable):
        crypto.unseal(bytes(sealed), b"f")


def test_value_of_another_column_is_refused():
    with pytest.raises(crypto.Undecipherable):
        crypto.unseal(crypto.seal(b"x", b"one"), b"two")


def test_older_key_still_decrypts(settings):
    old = crypto.seal(b"x", b"f")
    settings.FIELD_KEYS = [(2, b"n" * 32), *settings.FIELD_KEYS]
    crypto._ring.cache_clear()
    crypto._current.cache_clear()
    try:
        assert crypto.unseal(old, b"f") == b"x"
        assert crypto.seal(b"x", b"f")[1] == 2
    finally:
        crypto._ring.cache_clear()
        crypto._current.cache_clear()


def test_index_needs_the_key_and_tells_domains_apart(settings):
    index = crypto.keyed_index("id", "1")
    assert index == crypto.keyed_index("id", "1")
    assert index.hex == crypto.keyed_index_hex("id", "1")
    assert index != crypto.keyed_index("phone", "1")
    settings.INDEX_KEY = b"o" * 32
    assert index != crypto.keyed_index("id", "1")


def test_full_number_is_found_through_its_index_and_a_fragment_is_not(db, office):
    from households.models import Household

    home = factories.household(births=[datetime.date(1980, 1, 1)])
    number = home.members.get().id_number
    assert list(Household.objects.for_user(office).search(number.lower())) == [home]
    assert not Household.objects.for_user(office).search(number[:17])


def test_private_file_is_not_readable_on_disk(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path
    name = private_files.store(b"secret words")
    [path] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert b"secret" not in path.read_bytes()
    assert private_files.load(name) == b"secret words"
    private_files.remove(name)
    assert not path.exists()
