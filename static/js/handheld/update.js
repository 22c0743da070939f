/* The service worker, and a new version of the page. */
import { phone } from "./phone.js";

let waiting = null;

export function isUpdateWaiting() {
  return Boolean(waiting);
}

export function renewPage() {
  if (!waiting) return location.reload();
  Promise.resolve(phone.saveDraftNow && phone.saveDraftNow()).then(() => {
    waiting.postMessage("take over");
  });
}

function watchWorker(registration) {
  function ready() {
    if (registration.waiting && navigator.serviceWorker.controller) {
      waiting = registration.waiting;
      document.dispatchEvent(new CustomEvent("handheld:sent"));
    }
  }
  ready();
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    if (worker) worker.addEventListener("statechange", ready);
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && phone.net.on)
      registration.update().catch(() => {
        /* another time */
      });
  });
}

export function startWorker() {
  if (!navigator.serviceWorker) return;
  let had = !!navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (had) location.reload();
    had = true;
  });
  navigator.serviceWorker
    .register(document.body.dataset.worker)
    .then(watchWorker)
    .catch(() => {
      /* an ordinary page, then */
    });
}
