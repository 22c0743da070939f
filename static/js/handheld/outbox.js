/* What was filled in waits here until the server has said that it has it: sent one by one, again and again, in the
   foreground. The number and the digest make a repeat harmless; the order does not matter. */
import { countUnsent, countWaitingPhotos } from "./people.js";
import { phone } from "./phone.js";
import { digest, encodeWords, newUuid, sealBytes, sealJson, unsealBytes, unsealJson } from "./sealing.js";
import { addressOf, callServer, keepReply, readJson } from "./server.js";
import { openStore } from "./store.js";

const PIECE = 48 * 1024;

const WAITS = [5000, 15000, 30000, 60000, 120000];

export const STORE_FULL =
  "手机存储已满，这一条还没有存好，填的内容还在屏幕上。请先上传已存的，或清理手机空间，再点一次。";

let sending = false;

let failures = 0;

let timer = 0;

/* Keeps an entry with its photos, all or nothing; rejects with Chinese words where the phone has no room. */
export async function keepEntry(entry, photos, draft) {
  const me = phone.me;
  const db = await openStore();
  const uuid = newUuid();
  const words = JSON.stringify(entry.content);
  const size = photos.reduce((n, photo) => n + photo.bytes.byteLength, words.length * 4);
  if (!(await hasRoom(size))) throw new Error(STORE_FULL);
  const place = `${me.person.uuid}/${uuid}`;
  const sealed = await sealJson(me.key, { content: words, label: entry.label }, place);
  const row = {
    uuid: uuid,
    person: me.person.uuid,
    phone: me.person.phone,
    kind: entry.content.kind,
    about: entry.about,
    at: Date.now(),
    state: "here",
    photos: photos.length,
    digest: await digest(encodeWords(words)),
    iv: sealed.iv,
    data: sealed.data,
    reply: null,
    tries: 0,
  };
  const rows = [];
  for (const { bytes } of photos) {
    const key = newUuid();
    const photo = await sealBytes(me.key, bytes, `${place}/${key}`);
    rows.push({
      uuid: key,
      entry: uuid,
      person: me.person.uuid,
      digest: await digest(bytes),
      size: bytes.byteLength,
      have: 0,
      done: false,
      waits: `${me.person.uuid}/${uuid}`,
      iv: photo.iv,
      data: photo.data,
    });
  }
  let tx;
  try {
    tx = db.transaction(["entries", "photos", "drafts"], "readwrite");
    tx.done.catch(() => {
      /* said below */
    });
    await Promise.all(
      [tx.objectStore("entries").put(row)].concat(rows.map((one) => tx.objectStore("photos").put(one))),
    );
    if (draft) await tx.objectStore("drafts").delete(`${me.person.uuid}/${draft}`);
    await tx.done;
  } catch (_error) {
    try {
      tx.abort();
    } catch (_ended) {
      /* it has undone itself */
    }
    throw new Error(STORE_FULL);
  }
  await countUnsent();
  sendSoon(0);
  return uuid;
}

export async function hasRoom(size) {
  if (!navigator.storage || !navigator.storage.estimate) return true;
  try {
    const space = await navigator.storage.estimate();
    return !space.quota || space.quota - space.usage > size * 1.5 + 262144;
  } catch (_error) {
    return true;
  }
}

export async function listEntries() {
  const db = await openStore();
  const me = phone.me;
  const rows = await db.getAllFromIndex("entries", "person", me.person.uuid);
  const entries = [];
  const left = await countWaitingPhotos(me.person.uuid);
  for (const row of rows) {
    const place = `${row.person}/${row.uuid}`;
    try {
      const kept = row.data ? await unsealJson(me.key, row, place) : { label: {} };
      entries.push({
        uuid: row.uuid,
        kind: row.kind,
        about: row.about,
        at: row.at,
        state: row.state,
        label: kept.label,
        content: kept.content ? JSON.parse(kept.content) : null,
        reply: row.reply ? await unsealJson(me.key, row.reply, `${place}/reply`) : "",
        words: row.words || "",
        photos: row.photos,
        waiting: left[row.uuid] || 0,
      });
    } catch (_error) {
      entries.push({
        uuid: row.uuid,
        kind: row.kind,
        about: row.about,
        at: row.at,
        state: row.state,
        label: { title: "（打不开的记录）", told: "封存时用的是另一把钥匙，请联系本县系统管理员" },
        reply: "",
        photos: 0,
        waiting: 0,
      });
    }
  }
  return entries.sort((a, b) => b.at - a.at);
}

function sendSoon(wait) {
  clearTimeout(timer);
  timer = setTimeout(send, wait);
}

export function sendNow() {
  failures = 0;
  return send();
}

function announceSent(uuid) {
  document.dispatchEvent(new CustomEvent("handheld:sent", { detail: uuid }));
}

async function send() {
  if (sending || !phone.me || phone.me.expired) return;
  sending = true;
  try {
    // One page at a time: two windows of one browser share the store.
    if (navigator.locks)
      await navigator.locks.request("handheld-send", { ifAvailable: true }, (lock) =>
        lock ? sendAll() : null,
      );
    else await sendAll();
    failures = 0;
  } catch (_error) {
    failures += 1;
    if (phone.me) sendSoon(WAITS[Math.min(failures, WAITS.length) - 1]);
  } finally {
    sending = false;
    await countUnsent();
    announceSent("");
  }
}

async function sendAll() {
  const db = await openStore();
  const rows = await db.getAllFromIndex("entries", "person", phone.me.person.uuid);
  rows.sort((a, b) => a.at - b.at);
  for (let i = 0; i < rows.length && phone.me; i++) {
    if (rows[i].state === "here" || rows[i].state === "stuck") await sendEntry(rows[i]);
  }
  for (let i = 0; i < rows.length && phone.me; i++) {
    const row = await db.get("entries", rows[i].uuid);
    if (row && (row.state === "received" || row.state === "attention")) await sendPhotos(row);
  }
}

async function sendEntry(row) {
  const place = `${row.person}/${row.uuid}`;
  let kept;
  try {
    kept = await unsealJson(phone.me.key, row, place);
  } catch (_error) {
    return;
  } // sealed under another key: stays
  phone.sendingNow = row.uuid;
  announceSent(row.uuid);
  try {
    const answer = await callServer(addressOf("entries"), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        uuid: row.uuid,
        content: kept.content,
        digest: row.digest,
        sent_at: new Date().toISOString(),
      }),
    });
    if (answer.status === 401) {
      phone.me.expired = true;
      throw new Error("401");
    }
    const said = await readJson(answer);
    if (answer.ok && said.state) {
      row.state = said.state === "attention" ? "attention" : "received";
      row.words = said.words || "";
    } else if (answer.status === 400 || answer.status === 409) row.state = "stuck";
    else throw new Error(String(answer.status));
    row.tries += 1;
    await keepReply(row, said.reply || said.detail);
  } finally {
    phone.sendingNow = "";
  }
  announceSent(row.uuid);
}

async function sendPhotos(row) {
  const db = await openStore();
  const photos = await db.getAllFromIndex("photos", "entry", row.uuid);
  for (const photo of photos) if (!photo.done) await sendPhoto(row, photo);
}

async function sendPhoto(row, photo) {
  const db = await openStore();
  const bytes = await unsealBytes(phone.me.key, photo, `${row.person}/${row.uuid}/${photo.uuid}`);
  while (!photo.done) {
    const query = `?entry=${row.uuid}&digest=${photo.digest}&size=${photo.size}&offset=${photo.have}`;
    const answer = await callServer(
      addressOf("photos").replace("00000000-0000-0000-0000-000000000000", photo.uuid) + query,
      {
        method: "PUT",
        headers: { "Content-Type": "application/octet-stream" },
        body: bytes.slice(photo.have, photo.have + PIECE),
      },
    );
    const said = await readJson(answer);
    if (answer.ok) {
      photo.have = said.have;
      photo.done = said.done;
    } else if (answer.status === 409 && typeof said.have === "number") photo.have = said.have;
    else if (answer.status === 400) {
      photo.done = true;
      photo.refused = said.detail;
    } else throw new Error(String(answer.status));
    if (photo.done) {
      photo.data = null;
      delete photo.waits;
    } // it is there; the phone keeps no second copy
    await db.put("photos", photo);
    announceSent(row.uuid);
  }
}

/* Sends again when the line is back, the page is in sight again, and every minute. */
export function watchLine() {
  window.addEventListener("online", () => {
    phone.net.on = true;
    failures = 0;
    sendSoon(500);
  });
  window.addEventListener("offline", () => {
    phone.net.on = false;
    announceSent("");
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) sendSoon(500);
  });
  setInterval(() => {
    if (!document.hidden) sendSoon(0);
  }, 60000);
}
