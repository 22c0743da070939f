/* The lock: opened with the PIN, shut again by itself. */
import { sendNow } from "./outbox.js";
import { phone } from "./phone.js";
import { drawScreen, isList, showToast } from "./screen.js";
import { refreshPack } from "./server.js";
import { lock } from "./vault.js";

let touched = Date.now();

export function openVillage(words) {
  touched = Date.now();
  drawScreen();
  if (words) showToast(words);
  askToKeep();
  sendNow();
  if (!words)
    refreshPack().then((said) => {
      if (phone.me) {
        if (said) showToast(said);
        if (isList() || !phone.me.pack) drawScreen();
      }
    });
}

export async function lockNow() {
  try {
    if (phone.saveDraftNow) await phone.saveDraftNow();
  } catch (_error) {
    /* the draft of a moment ago stays */
  }
  lock();
  location.hash = "#/people";
  drawScreen();
}

function lockIfIdle() {
  if (!phone.me) return;
  const minutes = phone.me.pack ? phone.me.pack.idle_minutes : 10;
  if (Date.now() - touched > minutes * 60000) lockNow();
}

async function askToKeep() {
  try {
    if (navigator.storage && navigator.storage.persist && !(await navigator.storage.persisted()))
      await navigator.storage.persist();
  } catch (_error) {
    /* shown under 更多 */
  }
}

export function watchIdleness() {
  ["pointerdown", "keydown", "input"].forEach((name) => {
    document.addEventListener(
      name,
      () => {
        lockIfIdle();
        touched = Date.now();
      },
      true,
    );
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      if (phone.saveDraftNow) phone.saveDraftNow();
    } else lockIfIdle();
  });
  setInterval(lockIfIdle, 5000);
}
