/* Opening what is sealed by person, with a PIN or the password. */
import { forgetPerson, wipePack } from "./clearing.js";
import { phone } from "./phone.js";
import { encoder, importContentKey, randomBytes, sealJson, subtle, unsealJson } from "./sealing.js";
import { openStore } from "./store.js";

const TRIES = 5;

const ROUNDS = 310000;

const DAY = 86400000;

async function deviceKey() {
  const db = await openStore();
  const kept = await db.get("device", "pepper");
  if (kept) return kept.key;
  const key = await subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const tx = db.transaction("device", "readwrite");
  const now = await tx.store.get("pepper");
  if (!now) await tx.store.put({ name: "pepper", key: key }); // another page may have been first
  await tx.done;
  return now ? now.key : key;
}

async function pinKey(pin, salt, rounds) {
  const slow = await subtle.importKey("raw", encoder.encode(pin), "PBKDF2", false, ["deriveBits"]);
  const bits = await subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt: salt, iterations: rounds },
    slow,
    256,
  );
  const bound = await subtle.sign("HMAC", await deviceKey(), bits);
  return subtle.importKey("raw", bound, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/* After the password was right: the key and token come from the server and are wrapped under the PIN. */
export async function keepPerson(answer, username, pin) {
  const db = await openStore();
  const salt = randomBytes(16);
  const person = answer.person.uuid;
  const wrapping = await pinKey(pin, salt, ROUNDS);
  const wrapped = await sealJson(wrapping, { key: answer.key, token: answer.token }, `${person}/key`);
  const known = (await db.get("people", person)) || {};
  const record = {
    uuid: person,
    name: answer.person.name,
    username: username,
    phone: answer.phone,
    salt: salt,
    rounds: ROUNDS,
    wrapped: wrapped,
    tries: 0,
    usedAt: Date.now(),
    latest: Math.max(Date.now(), known.latest || 0),
  };
  await db.put("people", record);
  await openPerson(record, { key: answer.key, token: answer.token });
}

async function openPerson(record, secret) {
  phone.me = {
    person: record,
    key: await importContentKey(secret.key),
    token: secret.token,
    pack: null,
    tag: "",
  };
  await keepTime();
  const db = await openStore();
  const kept = await db.get("packs", record.uuid);
  if (!kept) return;
  try {
    phone.me.pack = await unsealJson(phone.me.key, kept, `${record.uuid}/pack`);
    phone.me.tag = kept.tag;
    phone.me.packAt = kept.at;
  } catch (_error) {
    await wipePack(record.uuid);
  }
}

/* Opens with the PIN. The try is written down before it is made, so that killing the browser gives none back.
   Answers "" or what to say. */
export async function unlock(uuid, pin) {
  const db = await openStore();
  const tx = db.transaction("people", "readwrite");
  const record = await tx.store.get(uuid);
  if (!record || !record.wrapped) {
    await tx.done;
    return "手机上没有可以打开的资料，请用密码登录。";
  }
  record.tries += 1;
  await tx.store.put(record);
  await tx.done;
  if (record.tries > TRIES) {
    await forgetPerson(uuid);
    return "试错太多次，村里的资料已从手机上清除。没有上传的记录还封存着，请用密码登录。";
  }
  try {
    const secret = await unsealJson(
      await pinKey(pin, record.salt, record.rounds),
      record.wrapped,
      `${uuid}/key`,
    );
    record.tries = 0;
    record.usedAt = Date.now();
    await db.put("people", record);
    await openPerson(record, secret);
    return "";
  } catch (_error) {
    const left = TRIES - record.tries;
    if (left > 0) return `密码锁不对，还可以试 ${left} 次。`;
    await forgetPerson(uuid);
    return "试错太多次，村里的资料已从手机上清除。没有上传的记录还封存着，请用密码登录。";
  }
}

export function lock() {
  phone.me = null;
}

/* A clock that was turned back keeps nothing longer: time on this phone only goes forward. */
async function keepTime() {
  const db = await openStore();
  const record = await db.get("people", phone.me.person.uuid);
  record.latest = Math.max(record.latest || 0, Date.now());
  await db.put("people", record);
  phone.me.person.latest = record.latest;
}

export async function keepPack(pack, tag) {
  const person = phone.me.person.uuid;
  const sealed = await sealJson(phone.me.key, pack, `${person}/pack`);
  const db = await openStore();
  await db.put("packs", {
    person: person,
    iv: sealed.iv,
    data: sealed.data,
    tag: tag,
    at: Date.now(),
    ends: pack.ends_on,
    until: Date.now() + pack.keep_days * DAY,
  });
  phone.me.pack = pack;
  phone.me.tag = tag;
  phone.me.packAt = Date.now();
}

export async function renewPack() {
  const db = await openStore();
  const kept = await db.get("packs", phone.me.person.uuid);
  if (kept && phone.me.pack) {
    kept.at = Date.now();
    kept.until = Date.now() + phone.me.pack.keep_days * DAY;
    await db.put("packs", kept);
    phone.me.packAt = kept.at;
  }
}
