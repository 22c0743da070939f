/* Somebody has signed out in this browser: his pack, PIN and what is received go; what is unsent stays sealed. Where
   it is not known who, everybody's. */
import { forgetPerson } from "./clearing.js";
import { readPeople } from "./people.js";
import { canSeal } from "./sealing.js";
import { STORE } from "./store.js";

function whoLeft() {
  try {
    return sessionStorage.getItem("handheld-leaves");
  } catch (_error) {
    return null; // everybody
  }
}

/* A browser that never had the page of the phone gets no store by signing out. */
async function hasStore() {
  if (!indexedDB.databases) return true;
  return (await indexedDB.databases()).some((one) => one.name === STORE);
}

async function forgetWhoLeft() {
  const who = whoLeft();
  if (!(await hasStore())) return;
  for (const person of await readPeople()) if (!who || person.uuid === who) await forgetPerson(person.uuid);
}

if (canSeal) {
  forgetWhoLeft().catch(() => {
    /* the days of the pack end it */
  });
}
