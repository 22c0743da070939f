/* What is being typed, and the photos of it, sealed. */
import { phone } from "./phone.js";
import { drawThumbnail } from "./photos.js";
import { newUuid, sealBytes, sealJson, unsealBytes, unsealJson } from "./sealing.js";
import { openStore } from "./store.js";

export async function keepDraft(name, value) {
  if (!phone.me) return;
  const key = `${phone.me.person.uuid}/${name}`;
  const sealed = await sealJson(phone.me.key, value, key);
  const db = await openStore();
  await db.put("drafts", { key: key, iv: sealed.iv, data: sealed.data, at: Date.now() });
}

export async function readDraft(name) {
  const key = `${phone.me.person.uuid}/${name}`;
  const db = await openStore();
  const kept = await db.get("drafts", key);
  if (!kept) return null;
  try {
    return await unsealJson(phone.me.key, kept, key);
  } catch (_error) {
    return null;
  }
}

export async function listDrafts() {
  const db = await openStore();
  const start = `${phone.me.person.uuid}/`;
  return (await db.getAllKeys("drafts"))
    .filter((key) => key.startsWith(start) && !key.includes("#"))
    .map((key) => key.slice(start.length));
}

export async function keepDraftPhoto(name, photo) {
  photo.key = photo.key || newUuid();
  const key = `${phone.me.person.uuid}/${name}#${photo.key}`;
  const sealed = await sealBytes(phone.me.key, photo.bytes, key);
  await (await openStore()).put("drafts", { key: key, iv: sealed.iv, data: sealed.data, at: Date.now() });
}

export async function dropDraftPhoto(name, photo) {
  await (await openStore()).delete("drafts", `${phone.me.person.uuid}/${name}#${photo.key}`);
}

export async function readDraftPhotos(name) {
  const start = `${phone.me.person.uuid}/${name}#`;
  const db = await openStore();
  const keys = await db.getAllKeys("drafts");
  const photos = [];
  for (const key of keys) {
    if (!key.startsWith(start)) continue;
    const kept = await db.get("drafts", key);
    try {
      const bytes = await unsealBytes(phone.me.key, kept, key);
      photos.push({ key: key.slice(start.length), bytes: bytes, small: await drawThumbnail(bytes) });
    } catch (_error) {
      /* of another key */
    }
  }
  return photos;
}

export async function dropDraftPhotos(name) {
  const start = `${phone.me.person.uuid}/${name}#`;
  const db = await openStore();
  const keys = await db.getAllKeys("drafts");
  for (const key of keys) if (key.startsWith(start)) await db.delete("drafts", key);
}
