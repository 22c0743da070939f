/* What is taken off the phone, and what stays sealed. */
import { countUnsent } from "./people.js";
import { phone } from "./phone.js";
import { openStore } from "./store.js";

export async function wipePack(person) {
  const db = await openStore();
  const tx = db.transaction(["packs", "drafts"], "readwrite");
  await tx.objectStore("packs").delete(person);
  await tx.done;
  if (phone.me && phone.me.person.uuid === person) {
    phone.me.pack = null;
    phone.me.tag = "";
  }
}

/* Pack, PIN and what is received go; what is unsent stays sealed until its author signs in with the password. */
export async function forgetPerson(person) {
  const db = await openStore();
  const tx = db.transaction(["people", "packs", "entries", "photos", "drafts"], "readwrite");
  const record = await tx.objectStore("people").get(person);
  const waits = {};
  const photos = await tx.objectStore("photos").index("person").getAll(person);
  photos.forEach((photo) => {
    if (!photo.done) waits[photo.entry] = 1;
  });
  const entries = await tx.objectStore("entries").index("person").getAll(person);
  let left = 0; // what keeps its author's name here
  for (const entry of entries) {
    if (entry.state === "here" || entry.state === "stuck" || waits[entry.uuid]) left += 1;
    else await tx.objectStore("entries").delete(entry.uuid);
  }
  for (const photo of photos) if (photo.done) await tx.objectStore("photos").delete(photo.uuid);
  const drafts = await tx.objectStore("drafts").getAllKeys();
  left += drafts.filter((key) => key.startsWith(`${person}/`)).length;
  await tx.objectStore("packs").delete(person);
  if (left && record) {
    record.wrapped = null;
    record.tries = 0;
    await tx.objectStore("people").put(record);
  } else await tx.objectStore("people").delete(person);
  await tx.done;
  if (phone.me && phone.me.person.uuid === person) phone.me = null;
  return countUnsent();
}

/* Everybody's pack whose days are over or whose duty has ended, at every opening; no PIN is needed for that. */
export async function wipeOldPacks() {
  const db = await openStore();
  const packs = await db.getAll("packs");
  const gone = [];
  for (const pack of packs) {
    const person = await db.get("people", pack.person);
    const now = Math.max(Date.now(), (person && person.latest) || 0);
    const last = pack.ends ? Date.parse(`${pack.ends}T23:59:59+08:00`) : Infinity;
    if (now > pack.until || now > last) {
      await wipePack(pack.person);
      gone.push(pack.person);
    }
  }
  return gone;
}
