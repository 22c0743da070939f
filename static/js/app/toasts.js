/* Toasts: one line of what happened and what to do. */
import { icon, make } from "../elements.js";

function toastArea() {
  let area = document.querySelector(".toasts");
  if (!area) {
    area = make("div.toasts", { role: "status", "aria-live": "polite" });
    document.body.appendChild(area);
  }
  return area;
}

export function showToast(text, options = {}) {
  const area = toastArea();
  if (Array.from(area.children).some((note) => note.dataset.text === text)) return;
  const again = { type: "button", onclick: () => window.location.reload() };
  const note = make(
    options.error ? "div.note.note-error" : "div.note.note-info",
    { "data-text": text, role: options.error && "alert" },
    icon(options.error ? "exclamation-triangle" : "check-circle"),
    make(
      "div",
      text,
      options.reload && make("button.btn.btn-sm.btn-outline-secondary.ms-2", again, "刷新页面"),
    ),
    make("button.close", { type: "button", "aria-label": "关闭", "data-dismiss": true }, icon("x-lg")),
  );
  area.appendChild(note);
  if (!options.error) window.setTimeout(() => note.remove(), 4000);
}
