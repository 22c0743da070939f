import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, PIN, Phone, cut, entry, everything, json, pack, person, signIn } from "./phones.js";

const WRONG = "246802";

async function signedIn() {
  const phone = new Phone();
  phone.answer = cut;
  const page = await phone.open();
  await signIn(page);
  return { phone, page };
}

test("the PIN opens what was sealed, in another page as well", async () => {
  const { phone, page } = await signedIn();
  await page.keepPack(pack(), "tag-1");
  const next = await phone.open();
  assert.equal(next.phone.me, null);
  assert.equal(await next.unlock("person-a", PIN), "");
  assert.equal(next.phone.me.token, "token-a");
  assert.equal(next.phone.me.pack.village.name, "蓝村");
  assert.equal(next.phone.me.tag, "tag-1");
});

test("nothing lies open in the store", async () => {
  const { page } = await signedIn();
  await page.keepPack(pack(), "tag-1");
  await page.keepEntry(
    entry("覃明德房子坏了"),
    [{ bytes: Buffer.from("a picture of the house") }],
    "entry/1",
  );
  await page.keepDraft("entry/2", { words: "韦大姐" });
  const words = await everything(page);
  assert.match(words, /person-a/);
  for (const secret of ["蓝村", "覃明德", "韦大姐", "a picture", "token-a", person("a").key, PIN]) {
    assert.ok(!words.includes(secret) && !words.includes(Buffer.from(secret).toString("latin1")), secret);
  }
});

test("a wrong PIN opens nothing and says how many tries are left", async () => {
  const { phone } = await signedIn();
  const page = await phone.open();
  assert.equal(await page.unlock("person-a", WRONG), "密码锁不对，还可以试 4 次。");
  assert.equal(await page.unlock("person-a", WRONG), "密码锁不对，还可以试 3 次。");
  assert.equal(page.phone.me, null);
});

test("killing the page gives no try back, the right PIN gives all", async () => {
  const { phone } = await signedIn();
  for (const left of [4, 3, 2, 1]) {
    assert.equal(await (await phone.open()).unlock("person-a", WRONG), `密码锁不对，还可以试 ${left} 次。`);
  }
  assert.equal(await (await phone.open()).unlock("person-a", PIN), "");
  assert.equal(await (await phone.open()).unlock("person-a", WRONG), "密码锁不对，还可以试 4 次。");
});

test("a try is written down before it is made", async (context) => {
  const { phone } = await signedIn();
  const page = await phone.open();
  let begun;
  const trying = new Promise((resolve) => {
    begun = resolve;
  });
  const slow = context.mock.method(crypto.subtle, "deriveBits", () => {
    begun();
    return new Promise(() => {}); // killed in the middle of it
  });
  page.unlock("person-a", WRONG);
  await trying;
  slow.mock.restore();
  assert.equal(await (await phone.open()).unlock("person-a", WRONG), "密码锁不对，还可以试 3 次。");
});

test("five wrong PINs wipe the pack and leave what is unsent sealed", async () => {
  const { phone, page } = await signedIn();
  await page.keepPack(pack(), "tag-1");
  const uuid = await page.keepEntry(entry("韦家"), [], "");
  const next = await phone.open();
  for (let i = 0; i < 4; i++) await next.unlock("person-a", WRONG);
  assert.match(await next.unlock("person-a", WRONG), /试错太多次/);
  const db = await next.openStore();
  assert.equal(await db.count("packs"), 0);
  assert.equal((await db.get("people", "person-a")).wrapped, null);
  assert.equal((await db.get("entries", uuid)).state, "here");
  assert.match(await next.unlock("person-a", PIN), /用密码登录/);
  assert.equal(next.phone.me, null);
});

test("a sixth try is none, whatever the PIN", async () => {
  const { phone, page } = await signedIn();
  await page.keepEntry(entry("韦家"), [], "");
  const db = await page.openStore();
  await db.put("people", { ...(await db.get("people", "person-a")), tries: 5 }); // killed at the fifth
  const next = await phone.open();
  assert.match(await next.unlock("person-a", PIN), /试错太多次/);
  assert.equal(next.phone.me, null);
});

test("a copied store opens with no PIN in another browser", async () => {
  const { phone, page } = await signedIn();
  await (await page.openStore()).delete("device", "pepper");
  const next = await phone.open();
  assert.equal(await next.unlock("person-a", PIN), "密码锁不对，还可以试 4 次。");
});

test("what is sealed opens at its own place and with its own key alone", async () => {
  const { page } = await signedIn();
  const sealed = await page.sealJson(page.phone.me.key, { a: 1 }, "person-a/1");
  assert.deepEqual(await page.unsealJson(page.phone.me.key, sealed, "person-a/1"), { a: 1 });
  await assert.rejects(page.unsealJson(page.phone.me.key, sealed, "person-a/2"));
  const other = await page.importContentKey(person("b").key);
  await assert.rejects(page.unsealJson(other, sealed, "person-a/1"));
  const again = await page.sealJson(page.phone.me.key, { a: 1 }, "person-a/1");
  assert.notDeepEqual(again.iv, sealed.iv);
});

test("locking takes key and token away", async () => {
  const { page } = await signedIn();
  page.lock();
  assert.equal(page.phone.me, null);
});

test("unsent entries stay sealed for their author while others use the phone", async () => {
  const { phone, page } = await signedIn();
  const uuid = await page.keepEntry(entry("韦家"), [], "");
  await page.forgetPerson("person-a");
  assert.equal(page.phone.me, null);
  assert.equal(phone.kept.get("handheld-unsent"), "1");

  const other = await phone.open();
  phone.answer = () => json({ state: "received" });
  phone.sent = [];
  await signIn(other, "b", WRONG);
  assert.deepEqual(await other.listEntries(), []);
  await other.sendNow();
  assert.deepEqual(phone.sent, []);
  const row = await (await other.openStore()).get("entries", uuid);
  await assert.rejects(other.unsealJson(other.phone.me.key, row, `person-a/${uuid}`));
  assert.deepEqual(
    (await other.readPeople()).map((one) => [one.uuid, one.unsent, Boolean(one.wrapped)]),
    [
      ["person-b", 0, true],
      ["person-a", 1, false],
    ],
  );

  const author = await phone.open();
  await signIn(author, "a", "112233");
  assert.equal((await author.listEntries())[0].label.title, "韦家户");
  await author.sendNow();
  assert.deepEqual(
    phone.entries().map((request) => request.words.uuid),
    [uuid],
  );
});

test("an entry of another key of the same person is shown, not opened, not sent, not lost", async () => {
  const { phone, page } = await signedIn();
  const uuid = await page.keepEntry(entry("韦家"), [], "");
  const next = await phone.open();
  phone.answer = () => json({ state: "received" });
  phone.sent = [];
  await next.keepPerson({ ...person("a"), key: person("c").key }, "user-a", PIN);
  assert.equal((await next.listEntries())[0].label.title, "（打不开的记录）");
  await next.sendNow();
  assert.deepEqual(phone.sent, []);
  assert.equal((await (await next.openStore()).get("entries", uuid)).state, "here");
});

test("forgetting a person with nothing unsent leaves no trace", async () => {
  const { phone, page } = await signedIn();
  phone.answer = () => json({ state: "received" });
  await page.keepPack(pack(), "tag-1");
  await page.keepEntry(entry("韦家"), [], "");
  await page.sendNow();
  assert.equal(await page.forgetPerson("person-a"), 0);
  const db = await page.openStore();
  for (const name of ["people", "packs", "entries", "photos", "drafts"])
    assert.equal(await db.count(name), 0, name);
});

test("an unfinished draft stays sealed and keeps its author's name", async () => {
  const { phone, page } = await signedIn();
  await page.keepDraft("entry/1", { words: "韦家" });
  await page.forgetPerson("person-a");
  const next = await phone.open();
  await signIn(next);
  assert.deepEqual(await next.listDrafts(), ["entry/1"]);
  assert.deepEqual(await next.readDraft("entry/1"), { words: "韦家" });
  await signIn(next, "b");
  assert.deepEqual(await next.listDrafts(), []);
});

test("a pack goes when its days are over, without any PIN", async () => {
  const { phone, page } = await signedIn();
  await page.keepPack(pack({ keep_days: 3 }), "tag-1");
  phone.now = 3 * DAY - 60000;
  assert.deepEqual(await (await phone.open()).wipeOldPacks(), []);
  phone.now = 3 * DAY + 60000;
  const next = await phone.open();
  assert.deepEqual(await next.wipeOldPacks(), ["person-a"]);
  assert.equal(await next.unlock("person-a", PIN), "");
  assert.equal(next.phone.me.pack, null);
});

test("a pack that is still the same starts its days again", async () => {
  const { phone, page } = await signedIn();
  await page.keepPack(pack({ keep_days: 3 }), "tag-1");
  phone.now = 2 * DAY;
  await page.renewPack();
  phone.now = 4 * DAY;
  assert.deepEqual(await page.wipeOldPacks(), []);
  phone.now = 5 * DAY + 60000;
  assert.deepEqual(await page.wipeOldPacks(), ["person-a"]);
});

test("a pack goes with the last day of the duty, in China's time", async () => {
  const { phone, page } = await signedIn();
  await page.keepPack(pack({ keep_days: 30, ends_on: "2030-06-30" }), "tag-1");
  const until = async (moment) => {
    phone.now += Date.parse(moment) - Date.now();
    const db = await page.openStore();
    await db.put("packs", { ...(await db.get("packs", "person-a")), until: Number.POSITIVE_INFINITY });
    return page.wipeOldPacks();
  };
  assert.deepEqual(await until("2030-06-30T15:59:00Z"), []);
  assert.deepEqual(await until("2030-06-30T16:00:30Z"), ["person-a"]);
});

test("a clock that is turned back keeps nothing longer", async () => {
  const { phone, page } = await signedIn();
  await page.keepPack(pack({ keep_days: 3 }), "tag-1");
  phone.now = 4 * DAY;
  await (await phone.open()).unlock("person-a", PIN);
  phone.now = 0;
  assert.deepEqual(await (await phone.open()).wipeOldPacks(), ["person-a"]);
});

test("the end of the pack leaves unsent entries and drafts", async () => {
  const { phone, page } = await signedIn();
  await page.keepPack(pack({ keep_days: 1 }), "tag-1");
  await page.keepEntry(entry("韦家"), [], "");
  await page.keepDraft("entry/2", { words: "覃家" });
  phone.now = 2 * DAY;
  const next = await phone.open();
  assert.deepEqual(await next.wipeOldPacks(), ["person-a"]);
  await next.unlock("person-a", PIN);
  assert.equal((await next.listEntries()).length, 1);
  assert.deepEqual(await next.readDraft("entry/2"), { words: "覃家" });
});

test("a pack under a strange key is wiped, the person opened all the same", async () => {
  const { phone, page } = await signedIn();
  await page.keepPack(pack(), "tag-1");
  const db = await page.openStore();
  await db.put("packs", { ...(await db.get("packs", "person-a")), data: new ArrayBuffer(32) });
  const next = await phone.open();
  assert.equal(await next.unlock("person-a", PIN), "");
  assert.equal(next.phone.me.pack, null);
  assert.equal(await (await next.openStore()).count("packs"), 0);
});
