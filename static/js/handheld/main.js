/* The page of the field work begins here. */
import { wipeOldPacks } from "./clearing.js";
import { lockNow, watchIdleness } from "./lock.js";
import { sendNow, watchLine } from "./outbox.js";
import { hamletPage, homePage } from "./pages/household.js";
import { guidePage, leavePage, morePage } from "./pages/more.js";
import { outboxPage, sentPage } from "./pages/outbox.js";
import { emptyPage, passwordPage, peoplePage, pinPage } from "./pages/sign_in.js";
import { villagePage } from "./pages/village.js";
import { entryPage, newPage, signoffPage, taskPage, visitPage } from "./pages/visits.js";
import { countUnsent } from "./people.js";
import { phone } from "./phone.js";
import { addPages, drawScreen } from "./screen.js";
import { canSeal, unsealJson } from "./sealing.js";
import { openStore } from "./store.js";
import { startWorker } from "./update.js";
import { lock } from "./vault.js";

addPages({
  village: villagePage,
  hamlet: hamletPage,
  home: homePage,
  entry: entryPage,
  new: newPage,
  signoff: signoffPage,
  task: taskPage,
  visit: visitPage,
  outbox: outboxPage,
  sent: sentPage,
  more: morePage,
  leave: leavePage,
  guide: guidePage,
  people: peoplePage,
  pin: pinPage,
  password: passwordPage,
  empty: emptyPage,
});

window.addEventListener("hashchange", async () => {
  if (phone.saveDraftNow) {
    try {
      await phone.saveDraftNow();
    } catch (_error) {
      /* kept a moment ago */
    }
  }
  if (location.hash === "#/guide") {
    try {
      localStorage.setItem("handheld-guide", "1");
    } catch (_error) {
      /* shown again */
    }
  }
  if (location.hash === "#/again" && phone.me) {
    const person = phone.me.person.uuid;
    lock();
    location.hash = `#/password/${person}`;
    return;
  }
  drawScreen();
});

async function start() {
  watchLine();
  watchIdleness();
  startWorker();
  if (canSeal) {
    try {
      await wipeOldPacks();
    } catch (_error) {
      /* shown where it is drawn */
    }
  }
  drawScreen();
}

/* The one handle for the console and the browser tests; nothing of the page reads it. */
window.Handheld = {
  get me() {
    return phone.me;
  },
  base: openStore,
  unsealJson,
  sendNow,
  countUnsent,
  lockNow,
};

start();
