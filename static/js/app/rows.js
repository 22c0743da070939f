/* Rows, copying, showing a password, closing, printing. */
import { make } from "../elements.js";
import { showToast } from "./toasts.js";

function openRow(event) {
  const row = event.target.closest("table[data-rows] > tbody > tr");
  if (
    !row ||
    event.defaultPrevented ||
    event.target.closest("a, button, input, select, textarea, label, summary")
  )
    return;
  if (String(window.getSelection())) return;
  const link = row.querySelector("a[href]");
  if (!link) return;
  if (event.ctrlKey || event.metaKey || event.button === 1) window.open(link.href, "_blank", "noopener");
  else if (event.button === 0) link.click();
}
document.addEventListener("click", openRow);
document.addEventListener("auxclick", openRow);

function copy(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const box = make("textarea.visually-hidden");
  box.value = text;
  document.body.appendChild(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  return done ? Promise.resolve() : Promise.reject();
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-copy], [data-reveal], [data-dismiss], [data-print]");
  if (!target) return;
  if ("copy" in target.dataset) {
    copy(target.dataset.copy).then(
      () => {
        showToast("已复制");
      },
      () => {
        showToast("没有复制成功，请手工选中后复制。", { error: true });
      },
    );
  } else if ("reveal" in target.dataset) {
    const field = document.querySelector(target.dataset.reveal);
    const hidden = field.type === "password";
    field.type = hidden ? "text" : "password";
    target.textContent = hidden ? "隐藏" : "显示";
    target.setAttribute("aria-pressed", String(hidden));
  } else if ("dismiss" in target.dataset) {
    target.closest(".note").remove();
  } else {
    window.print();
  }
});

document.addEventListener("keydown", (event) => {
  const search = document.querySelector(".top .search input[type=search]");
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && search && !typing && !event.ctrlKey && !event.altKey && !event.metaKey) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "Escape") {
    if (event.target === search) search.blur();
    document.querySelectorAll(".toasts .note").forEach((note) => {
      note.remove();
    });
  }
});
