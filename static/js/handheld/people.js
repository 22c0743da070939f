/* Whose records lie on this phone, and how many of them are unsent. */
import { openStore } from "./store.js";

export async function readPeople() {
  const db = await openStore();
  const people = await db.getAll("people");
  for (const person of people) person.unsent = await countUnsentOf(person.uuid);
  return people.sort((a, b) => (b.usedAt || 0) - (a.usedAt || 0));
}

export async function countUnsentOf(person) {
  const db = await openStore();
  const entries = await db.getAllFromIndex("entries", "person", person);
  const waiting = await countWaitingPhotos(person);
  entries.forEach((entry) => {
    if (entry.state === "here" || entry.state === "stuck") waiting[entry.uuid] = 1;
  });
  return Object.keys(waiting).length;
}

/* Entry → how many of its photos are not whole at the server. Keys alone: no photo is read for a count. */
export async function countWaitingPhotos(person) {
  const counts = {};
  const range = IDBKeyRange.bound(`${person}/`, `${person}/\uffff`);
  let cursor = await (await openStore()).transaction("photos").store.index("waits").openKeyCursor(range);
  while (cursor) {
    const entry = cursor.key.slice(person.length + 1);
    counts[entry] = (counts[entry] || 0) + 1;
    cursor = await cursor.continue();
  }
  return counts;
}

export async function countUnsent() {
  const people = await readPeople();
  const sum = people.reduce((n, person) => n + person.unsent, 0);
  try {
    localStorage.setItem("handheld-unsent", String(sum));
  } catch (_error) {
    /* the browser keeps nothing: the number is only shown */
  }
  return sum;
}
