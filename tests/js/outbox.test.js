import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { PIN, Phone, cut, entry, json, pack, person, signIn } from "./phones.js";

const PIECE = 48 * 1024;

async function signedIn(answer) {
  const phone = new Phone();
  phone.answer = answer || cut;
  const page = await phone.open();
  await signIn(page);
  return { phone, page };
}

/* Kept one after another, a second apart. */
async function keepAll(phone, page, ...words) {
  const uuids = [];
  for (const one of words) {
    phone.now += 1000;
    uuids.push(await page.keepEntry(entry(one), [], ""));
  }
  return uuids;
}

async function states(page) {
  return (await page.listEntries()).map((one) => one.state).reverse();
}

const sentUuids = (phone) => phone.entries().map((request) => request.words.uuid);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

test("what is kept waits on the phone, counts as unsent, and its draft goes with it", async () => {
  const { phone, page } = await signedIn();
  await page.keepDraft("entry/home-1", { words: "韦家" });
  const uuid = await page.keepEntry(entry("韦家"), [], "entry/home-1");
  const [kept] = await page.listEntries();
  assert.deepEqual(
    [kept.uuid, kept.state, kept.label.title, kept.content.fields.words],
    [uuid, "here", "韦家户", "韦家"],
  );
  assert.equal(phone.kept.get("handheld-unsent"), "1");
  assert.deepEqual(await page.listDrafts(), []);
  assert.deepEqual(phone.waits, [0]);
});

test("entries are sent in the order in which they were filled in", async () => {
  const { phone, page } = await signedIn(() => json({ state: "received" }));
  const uuids = await keepAll(phone, page, "一", "二", "三");
  await page.sendNow();
  assert.deepEqual(sentUuids(phone), uuids);
  assert.deepEqual(await states(page), ["received", "received", "received"]);
  assert.equal(await page.countUnsent(), 0);
  await page.sendNow();
  assert.equal(phone.entries().length, 3);
});

test("an entry goes out with its number, its digest and the phone's token, without cookies", async () => {
  const { phone, page } = await signedIn(() => json({ state: "received" }));
  const uuid = await page.keepEntry(entry("韦家"), [], "");
  await page.sendNow();
  const [{ words, headers, credentials, method }] = phone.entries();
  assert.equal(method, "POST");
  assert.equal(words.uuid, uuid);
  assert.deepEqual(JSON.parse(words.content), entry("韦家").content);
  assert.equal(words.digest, sha256(words.content));
  assert.equal(headers.Authorization, "Phone token-a");
  assert.equal(credentials, "omit");
});

test("the answer is kept with the entry, and what waits for a person is shown as such", async () => {
  const { page } = await signedIn(() => json({ state: "attention", words: "待核对", reply: "日期晚于今天" }));
  await page.keepEntry(entry("韦家"), [], "");
  await page.sendNow();
  const [kept] = await page.listEntries();
  assert.deepEqual([kept.state, kept.words, kept.reply], ["attention", "待核对", "日期晚于今天"]);
});

test("an answer that is lost makes the same entry go again, under the same number", async () => {
  const { phone, page } = await signedIn();
  const [uuid] = await keepAll(phone, page, "韦家");
  await page.sendNow();
  assert.deepEqual(await states(page), ["here"]);
  phone.answer = () => json({ state: "received" });
  await page.sendNow();
  const [first, second] = phone.entries().map((request) => request.words);
  assert.equal(first.uuid, uuid);
  assert.deepEqual([second.uuid, second.digest, second.content], [first.uuid, first.digest, first.content]);
  assert.deepEqual(await states(page), ["received"]);
});

test("a page killed between sending and answer loses nothing", async () => {
  const { phone, page } = await signedIn(() => new Promise(() => {}));
  await keepAll(phone, page, "一", "二");
  page.sendNow();
  while (!phone.entries().length) await new Promise(setImmediate);
  const next = await phone.open();
  phone.answer = () => json({ state: "received" });
  assert.equal(await next.unlock("person-a", PIN), "");
  assert.equal(await next.countUnsent(), 2);
  await next.sendNow();
  const [killed, first, second, ...more] = phone.entries().map((request) => request.words);
  assert.deepEqual([first.uuid, first.digest, first.content], [killed.uuid, killed.digest, killed.content]);
  assert.notEqual(second.uuid, first.uuid);
  assert.deepEqual(more, []);
  assert.deepEqual(await states(next), ["received", "received"]);
});

test("without a line it waits longer each time, and at once when asked", async () => {
  const { phone, page } = await signedIn();
  await keepAll(phone, page, "韦家");
  const waits = [];
  for (let i = 0; i < 7; i++) {
    const [[number, timer]] = phone.timers;
    phone.timers.delete(number);
    await timer.work();
    waits.push(...phone.waits);
  }
  assert.deepEqual(waits, [5000, 15000, 30000, 60000, 120000, 120000, 120000]);
  assert.equal(phone.entries().length, 7);
  await page.sendNow();
  assert.deepEqual(phone.waits, [5000]);
  assert.equal(page.phone.net.on, false);
});

test("a round that went through makes the next wait short again", async () => {
  const { phone, page } = await signedIn();
  const runTimer = async () => {
    const [[number, timer]] = phone.timers;
    phone.timers.delete(number);
    await timer.work();
  };
  await keepAll(phone, page, "一");
  await runTimer();
  await runTimer();
  assert.deepEqual(phone.waits, [15000]);
  phone.answer = () => json({ state: "received" });
  await runTimer();
  assert.deepEqual(phone.waits, []);
  phone.answer = cut;
  await keepAll(phone, page, "二");
  await runTimer();
  assert.deepEqual(phone.waits, [5000]);
});

test("a server in trouble holds the others back: the order stays", async () => {
  let answers = 0;
  const { phone, page } = await signedIn(() => {
    answers += 1;
    return answers === 2 ? json({}, 503) : json({ state: "received" });
  });
  const uuids = await keepAll(phone, page, "一", "二", "三");
  await page.sendNow();
  assert.deepEqual(await states(page), ["received", "here", "here"]);
  await page.sendNow();
  assert.deepEqual(sentUuids(phone), [uuids[0], uuids[1], uuids[1], uuids[2]]);
  assert.equal(await page.countUnsent(), 0);
});

test("an answer that says nothing is no receipt", async () => {
  const { page } = await signedIn(() => new Response("<html>登录</html>", { status: 200 }));
  await page.keepEntry(entry("韦家"), [], "");
  await page.sendNow();
  assert.deepEqual(await states(page), ["here"]);
});

for (const status of [400, 409]) {
  test(`a refusal (${status}) is kept with its words and doesn't hold up the others`, async () => {
    const { phone, page } = await signedIn(({ words }) =>
      words.content.includes("坏")
        ? json({ detail: "这一户不在您的村里。" }, status)
        : json({ state: "received" }),
    );
    const [bad] = await keepAll(phone, page, "坏", "好");
    await page.sendNow();
    assert.deepEqual(await states(page), ["stuck", "received"]);
    const refused = (await page.listEntries()).find((one) => one.uuid === bad);
    assert.deepEqual([refused.reply, refused.content.fields.words], ["这一户不在您的村里。", "坏"]);
    assert.equal(await page.countUnsent(), 1);
    phone.answer = () => json({ state: "received" });
    await page.sendNow();
    assert.deepEqual(sentUuids(phone).slice(2), [bad]);
    assert.equal(await page.countUnsent(), 0);
  });
}

test("an expired token stops the sending until the password is given again", async () => {
  const { phone, page } = await signedIn(() => json({ detail: "登录已过期" }, 401));
  await keepAll(phone, page, "一", "二");
  await page.sendNow();
  assert.equal(page.phone.me.expired, true);
  await page.sendNow();
  assert.equal(phone.entries().length, 1);
  phone.answer = () => json({ state: "received" });
  await page.keepPerson({ ...person("a"), token: "token-new" }, "user-a", PIN);
  await page.sendNow();
  assert.deepEqual(await states(page), ["received", "received"]);
  assert.equal(phone.entries().at(-1).headers.Authorization, "Phone token-new");
});

test("a locked phone sends nothing", async () => {
  const { phone, page } = await signedIn(() => json({ state: "received" }));
  await keepAll(phone, page, "韦家");
  page.lock();
  await page.sendNow();
  assert.deepEqual(phone.sent, []);
  assert.equal(await page.countUnsent(), 1);
});

test("a phone locked while the answer is on its way sends it again, once opened", async () => {
  const { phone, page } = await signedIn();
  await keepAll(phone, page, "韦家");
  phone.answer = () => {
    page.lock();
    return json({ state: "received" });
  };
  await page.sendNow();
  assert.equal(await page.countUnsent(), 1);
  phone.answer = () => json({ state: "received" });
  await page.unlock("person-a", PIN);
  await page.sendNow();
  const [first, second] = sentUuids(phone);
  assert.equal(first, second);
  assert.deepEqual(await states(page), ["received"]);
});

test("of two windows one sends", async () => {
  const { phone, page } = await signedIn(() => json({ state: "received" }));
  await keepAll(phone, page, "韦家");
  phone.navigator.locks = { request: (_name, _options, work) => work(null) }; // the other window has it
  await page.sendNow();
  assert.deepEqual(phone.sent, []);
  phone.navigator.locks = { request: (_name, _options, work) => work({}) };
  await page.sendNow();
  assert.equal(phone.entries().length, 1);
});

test("two rounds at once send each entry once", async () => {
  const { phone, page } = await signedIn(() => json({ state: "received" }));
  await keepAll(phone, page, "一", "二");
  await Promise.all([page.sendNow(), page.sendNow()]);
  assert.equal(phone.entries().length, 2);
});

test("the line coming back, the page coming into sight: sent soon", async () => {
  const { phone, page } = await signedIn();
  page.watchLine();
  phone.timers.clear();
  window.dispatchEvent(new Event("offline"));
  assert.equal(page.phone.net.on, false);
  assert.deepEqual(phone.waits, []);
  window.dispatchEvent(new Event("online"));
  assert.equal(page.phone.net.on, true);
  assert.deepEqual(phone.waits, [500]);
  phone.timers.clear();
  document.hidden = true;
  document.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(phone.waits, []);
  document.hidden = false;
  document.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(phone.waits, [500]);
});

/* ---- Photos ---- */
function picture(size) {
  return { bytes: Uint8Array.from({ length: size }, (_, place) => (place * 7) % 251).buffer };
}

/* A server that has the pieces: it says how far it is. */
function photoServer(pieces = []) {
  return ({ method, url, body }) => {
    if (method !== "PUT") return json({ state: "received" });
    const query = new URLSearchParams(url.split("?")[1]);
    pieces.push({
      uuid: url.split("/")[2],
      offset: Number(query.get("offset")),
      bytes: Buffer.from(body),
      query,
    });
    const have = Number(query.get("offset")) + body.byteLength;
    return json({ have, done: have === Number(query.get("size")) });
  };
}

test("photos go after all entries, in pieces, and no copy of them stays", async () => {
  const pieces = [];
  const { phone, page } = await signedIn(photoServer(pieces));
  const photo = picture(PIECE * 2 + 10);
  const uuid = await page.keepEntry(entry("一"), [photo], "");
  phone.now += 1000;
  await page.keepEntry(entry("二"), [], "");
  assert.equal((await page.listEntries()).at(-1).waiting, 1);
  await page.sendNow();
  assert.deepEqual(
    phone.sent.map((request) => request.method),
    ["POST", "POST", "PUT", "PUT", "PUT"],
  );
  assert.deepEqual(
    pieces.map((piece) => piece.offset),
    [0, PIECE, PIECE * 2],
  );
  assert.deepEqual(Buffer.concat(pieces.map((piece) => piece.bytes)), Buffer.from(photo.bytes));
  assert.equal(pieces[0].query.get("entry"), uuid);
  assert.equal(pieces[0].query.get("digest"), sha256(Buffer.from(photo.bytes)));
  const [row] = await (await page.openStore()).getAll("photos");
  assert.deepEqual([row.done, row.data, "waits" in row], [true, null, false]);
  assert.equal((await page.listEntries()).at(-1).waiting, 0);
});

test("photos of an entry that hasn't arrived wait", async () => {
  const { phone, page } = await signedIn(() => json({ detail: "不收" }, 400));
  await page.keepEntry(entry("一"), [picture(10)], "");
  await page.sendNow();
  assert.deepEqual(
    phone.sent.map((request) => request.method),
    ["POST"],
  );
  assert.equal(await page.countUnsent(), 1);
});

test("an entry whose photo is under way counts as unsent, and the photo goes on where it was", async () => {
  const pieces = [];
  const server = photoServer(pieces);
  const { phone, page } = await signedIn((request) => (pieces.length === 1 ? cut() : server(request)));
  await page.keepEntry(entry("一"), [picture(PIECE + 10)], "");
  await page.sendNow();
  assert.deepEqual(await states(page), ["received"]);
  assert.equal(await page.countUnsent(), 1);
  phone.answer = server;
  const next = await phone.open();
  await next.unlock("person-a", PIN);
  await next.sendNow();
  assert.deepEqual(
    pieces.map((piece) => [piece.offset, piece.bytes.length]),
    [
      [0, PIECE],
      [PIECE, 10],
    ],
  );
  assert.equal(await next.countUnsent(), 0);
});

test("where the server has another part of the photo, the phone follows it", async () => {
  const pieces = [];
  const server = photoServer(pieces);
  let asked = 0;
  const { page } = await signedIn((request) => {
    if (request.method !== "PUT") return json({ state: "received" });
    asked += 1;
    return asked === 1 ? json({ have: PIECE }, 409) : server(request);
  });
  await page.keepEntry(entry("一"), [picture(PIECE + 10)], "");
  await page.sendNow();
  assert.deepEqual(
    pieces.map((piece) => piece.offset),
    [PIECE],
  );
});

test("a photo that is refused is not sent again", async () => {
  const { phone, page } = await signedIn(({ method }) =>
    method === "PUT" ? json({ detail: "不是照片" }, 400) : json({ state: "received" }),
  );
  await page.keepEntry(entry("一"), [picture(10)], "");
  await page.sendNow();
  await page.sendNow();
  assert.equal(phone.sent.filter((request) => request.method === "PUT").length, 1);
  const [row] = await (await page.openStore()).getAll("photos");
  assert.deepEqual([row.refused, row.data], ["不是照片", null]);
  assert.equal(await page.countUnsent(), 0);
});

/* ---- No room ---- */
test("a phone without room says so before it writes", async () => {
  const { phone, page } = await signedIn();
  phone.navigator.storage = { estimate: async () => ({ quota: 1000000, usage: 900000 }) };
  await assert.rejects(page.keepEntry(entry("韦家"), [], ""), { message: page.STORE_FULL });
  assert.equal(await (await page.openStore()).count("entries"), 0);
});

test("an entry is kept whole or not at all", async (context) => {
  const { page } = await signedIn();
  await page.keepDraft("entry/1", { words: "韦家" });
  const put = IDBObjectStore.prototype.put;
  context.mock.method(IDBObjectStore.prototype, "put", function (...values) {
    const request = put.apply(this, values);
    if (this.name === "photos") this.transaction.abort(); // as a browser does where the disk is full
    return request;
  });
  await assert.rejects(page.keepEntry(entry("韦家"), [picture(10)], "entry/1"), { message: page.STORE_FULL });
  const db = await page.openStore();
  assert.deepEqual([await db.count("entries"), await db.count("photos")], [0, 0]);
  assert.deepEqual(await page.readDraft("entry/1"), { words: "韦家" });
});

/* ---- The pack, and what it says of entries of before ---- */
test("the pack brings what was settled since, and leaves alone what is still here", async () => {
  const { phone, page } = await signedIn(() => json({ state: "attention", reply: "待核对" }));
  const [settled] = await keepAll(phone, page, "一");
  await page.sendNow();
  const [here] = await keepAll(phone, page, "二");
  const mine = [
    { uuid: settled, state: "settled", words: "已记入", reply: "已按您说的改" },
    { uuid: here, state: "received", words: "", reply: "" },
  ];
  phone.answer = () => json(pack({ mine }), 200, { ETag: '"tag-2"' });
  assert.equal(await page.refreshPack(), "");
  assert.deepEqual(await states(page), ["received", "here"]);
  assert.equal((await page.listEntries()).at(-1).reply, "已按您说的改");
  assert.equal(page.phone.me.tag, '"tag-2"');
  phone.answer = () => new Response(null, { status: 304 });
  assert.equal(await page.refreshPack(), "");
  assert.equal(phone.sent.at(-1).headers["If-None-Match"], '"tag-2"');
});

test("a duty that has ended takes the pack away and leaves what is unsent", async () => {
  const { phone, page } = await signedIn();
  await page.keepPack(pack(), "tag-1");
  await keepAll(phone, page, "一");
  phone.answer = () => json({ detail: "您的岗位已结束。" }, 410);
  assert.equal(await page.refreshPack(), "您的岗位已结束。");
  assert.equal(page.phone.me.pack, null);
  assert.equal(await (await page.openStore()).count("packs"), 0);
  assert.equal(await page.countUnsent(), 1);
});

test("without a line the pack of the phone serves", async () => {
  const { page } = await signedIn();
  await page.keepPack(pack(), "tag-1");
  assert.match(await page.refreshPack(), /没有网络/);
  assert.equal(page.phone.me.pack.village.name, "蓝村");
});

test("signing in names the phone that the server knows already", async () => {
  const { phone, page } = await signedIn();
  phone.answer = () => json(person("a"));
  assert.equal((await page.signInWithPassword("user-a", "secret", "")).ok, true);
  await page.signInWithPassword("user-b", "secret", "7");
  assert.deepEqual(
    phone.sent.map(({ words }) => [words.username, words.known, words.duty]),
    [
      ["user-a", "phone-a", ""],
      ["user-b", "", "7"],
    ],
  );
});
