/* What the phone asks of the server. */
import { wipePack } from "./clearing.js";
import { phone } from "./phone.js";
import { sealJson } from "./sealing.js";
import { openStore } from "./store.js";
import { keepPack, renewPack } from "./vault.js";

const PATIENCE = 60000;

export function addressOf(name) {
  return document.body.dataset[name];
}

export async function callServer(url, options) {
  const stop = new AbortController();
  const clock = setTimeout(() => {
    stop.abort();
  }, PATIENCE);
  const headers = Object.assign({}, options.headers);
  if (phone.me) headers.Authorization = `Phone ${phone.me.token}`;
  try {
    const answer = await fetch(
      url,
      Object.assign({}, options, {
        headers: headers,
        signal: stop.signal,
        cache: "no-store",
        credentials: "omit",
      }),
    );
    phone.net.on = true;
    return answer;
  } catch (error) {
    phone.net.on = false;
    throw error;
  } finally {
    clearTimeout(clock);
  }
}

export async function readJson(answer) {
  try {
    return await answer.json();
  } catch (_error) {
    return {};
  }
}

export async function signInWithPassword(username, password, duty) {
  const people = await (await openStore()).getAll("people");
  const known = people.filter((person) => person.username === username)[0];
  const answer = await fetch(addressOf("open"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    credentials: "omit",
    cache: "no-store",
    body: JSON.stringify({
      username: username,
      password: password,
      known: known ? known.phone : "",
      duty: duty || "",
    }),
  });
  return Object.assign(await readJson(answer), { ok: answer.ok });
}

/* Fetches the pack where there is a network. Answers "" or what to say. */
export async function refreshPack() {
  let answer;
  try {
    answer = await callServer(addressOf("pack"), {
      headers: phone.me.tag ? { "If-None-Match": phone.me.tag } : {},
    });
  } catch (_error) {
    return "没有网络，用的是手机上的资料。";
  }
  if (!phone.me) return "";
  if (answer.status === 304) {
    await renewPack();
    return "";
  }
  if (answer.status === 401) {
    phone.me.expired = true;
    return (await readJson(answer)).detail;
  }
  if (answer.status === 410) {
    await wipePack(phone.me.person.uuid);
    return (await readJson(answer)).detail;
  }
  if (!answer.ok) return "服务器暂时没有答复，用的是手机上的资料。";
  const pack = await answer.json();
  if (!phone.me) return "";
  try {
    await keepPack(pack, answer.headers.get("ETag") || "");
  } catch (_error) {
    phone.me.pack = pack;
    return "手机存不下村里的资料，离线时打不开。请清理手机空间后再试。";
  }
  await applyReplies(pack.mine);
  return "";
}

/* What the server says of entries of before: one that waits for a person, one that was settled. */
async function applyReplies(mine) {
  const db = await openStore();
  for (const reply of mine) {
    const entry = await db.get("entries", reply.uuid);
    if (!entry || entry.person !== phone.me.person.uuid || entry.state === "here") continue;
    entry.state = reply.state === "attention" ? "attention" : "received";
    entry.words = reply.words || "";
    await keepReply(entry, reply.reply);
  }
}

export async function keepReply(entry, words) {
  entry.reply = await sealJson(phone.me.key, words || "", `${entry.person}/${entry.uuid}/reply`);
  await (await openStore()).put("entries", entry);
}
