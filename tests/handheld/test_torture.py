"""Thousands of entries over many connections, each up to twenty times, in any order, with injected failures:
each has its effect once, nothing is lost, conflicts are listed. FANGPIN_ENTRIES sets how many (5000 in `make
torture`)."""

import os
import random
import threading
import uuid
from collections import Counter

import pytest
from django.db import DatabaseError, OperationalError, connection, connections, transaction

from fangpin.accounts.roles import Role
from handheld import intake, phones
from handheld.models import Phone, PhoneEntry
from households.models import Hamlet
from screening.models import EntryState, FieldEntry, HamletSignOff, LeadReason
from tests import factories
from tests.handheld.phones_makers import content, damaged, digest, door

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="many writers at once need PostgreSQL"),
]
ENTRIES = int(os.environ.get("FANGPIN_ENTRIES", "200"))
CONNECTIONS = 16


class Cut(Exception):
    """The line broke: before the server acted, in the middle, or after it had committed."""


def test_every_entry_has_its_effect_once(round_2020q1, capsys):
    writers = [phone_of(number) for number in range(8)]
    hamlets = [
        Hamlet.objects.create(village_id=factories.VILLAGE, name=f"屯{n}", head_name="韦某") for n in range(6)
    ]
    homes = [factories.household(hamlet=hamlets[n % 6]) for n in range(max(40, ENTRIES // 10))]
    sent = [made(round_2020q1, homes, hamlets, writers) for _ in range(ENTRIES)]
    posts = [one for one in sent for _ in range(random.randint(1, 20))]
    random.shuffle(posts)
    # Whatever comes last comes over a good line: an entry is repeated until it is acknowledged.
    posts += random.sample(sent, len(sent))
    answers, cuts = deliver(posts)

    rows = {row.uuid: row for row in PhoneEntry.objects.select_related("entry")}
    assert set(rows) == {one[0] for one in sent}
    assert all(answers[key] == {answer_of(rows[key])} for key in rows), "a repeat was told something else"
    entries = [one for one in sent if one[3] == "entry"]
    assert FieldEntry.objects.count() == len([key for key, *_ in entries if rows[key].state == "taken"])
    assert FieldEntry.objects.values("uuid").distinct().count() == FieldEntry.objects.count()
    assert LeadReason.objects.count() == LeadReason.objects.values("lead", "rule").distinct().count()
    assert HamletSignOff.objects.count() <= len(hamlets)
    waiting = PhoneEntry.objects.filter(state="attention")
    assert all(row.reason and row.content for row in waiting)
    conflicts = FieldEntry.objects.filter(state=EntryState.ATTENTION, beside__isnull=False).count()
    lost_sign_offs = waiting.filter(kind="signoff").count()
    signed = len([1 for one in sent if one[3] == "signoff"])
    assert lost_sign_offs + HamletSignOff.objects.count() == signed
    assert conflicts > 0
    with capsys.disabled():
        print(
            f"\n{ENTRIES} entries, {len(posts)} posts over {CONNECTIONS} connections, {cuts} cut: "
            f"{len(rows)} there once, "
            f"{conflicts} second entries beside a first, {waiting.count()} others wait for a person"
        )


def phone_of(number: int) -> Phone:
    user = factories.user(f"cadre-{number}", Role.VILLAGE_CADRE, factories.VILLAGE, name=f"干部{number}")
    return phones.open_phone(user).phone


def made(round, homes, hamlets, writers) -> tuple:
    """uuid, content, phone, kind of one entry; some of the same household by several, some sign-offs, some
    faulty."""
    kind = random.choices(("entry", "signoff", "faulty"), (90, 4, 6))[0]
    if kind == "signoff":
        fields = {
            "on": "2020-03-12",
            "hamlet_head": "韦某",
            "participants": "蓝支书",
            "words": "",
            "agreed": "on",
        }
        text = content("signoff", fields, round=str(round.uuid), hamlet=random.choice(hamlets).pk)
    else:
        day = "2020-03-11" if kind == "entry" else "2099-01-01"
        fields = (door if random.random() < 0.6 else damaged)(
            visited_on=day, spoken_with=uuid.uuid4().hex[:8]
        )
        text = content(
            "entry", fields, round=str(round.uuid), household=str(random.choice(homes).uuid), seen=""
        )
    return uuid.uuid4(), text, random.choice(writers), kind


def answer_of(row: PhoneEntry) -> str:
    return row.entry.reply if row.entry_id else row.reply or row.reason


def deliver(posts: list[tuple]) -> tuple[dict, int]:
    """Sends all from so many threads; what each entry was told, and how often the line broke."""
    answers: dict[uuid.UUID, set[str]] = {}
    lock, place, count, faults = threading.Lock(), iter(posts), Counter(), []
    last = len(posts) - len({key for key, *_ in posts})

    def work():
        try:
            while True:
                with lock:
                    if (one := next(place, None)) is None:
                        return
                    count["sent"] += 1
                    is_last = count["sent"] > last
                send_one(one, is_last)
        except BaseException as error:
            faults.append(error)
        finally:
            connections.close_all()

    def send_one(one, is_last):
        key, text, phone, _ = one
        phone = Phone.objects.select_related("user", "duty").get(pk=phone.pk)
        for _ in range(200):
            cut = random.random() if not is_last else 1.0
            try:
                with_failures(
                    lambda: intake.receive_entry(str(key), text, digest(text), phone=phone), cut, key
                )
            except Cut:
                with lock:
                    count["cut"] += 1
                return  # another of its repeats comes later
            except OperationalError:
                continue  # two in each other's way: the phone tries again
            return
        raise AssertionError("not taken in 200 tries")

    def with_failures(act, cut: float, key):
        if cut < 0.05:
            raise Cut
        if cut < 0.12:
            with transaction.atomic():
                act()
                raise Cut  # the server dies in the middle: all of it undone
        taken = act()
        if cut < 0.2:
            raise Cut  # committed, and the answer lost
        with lock:
            answers.setdefault(key, set()).add(answer_of(taken.row))

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return answers, count["cut"]


def test_the_check_sees_a_second_effect(round_2020q1):
    """The torture test would notice: an entry taken in beside the intake has a second row of its own."""
    phone = phone_of(0)
    home = factories.household(
        hamlet=Hamlet.objects.create(village_id=factories.VILLAGE, name="屯", head_name="韦")
    )
    text = content("entry", damaged(), round=str(round_2020q1.uuid), household=str(home.uuid), seen="")
    for _ in range(2):
        intake.receive_entry(str(uuid.uuid4()), text, digest(text), phone=phone)
    assert LeadReason.objects.count() == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        PhoneEntry.objects.create(
            uuid=PhoneEntry.objects.first().uuid,
            digest="x",
            kind="entry",
            phone=phone,
            by=phone.user,
            village_id=factories.VILLAGE,
        )
