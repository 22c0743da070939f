/* 未比中人员核对 with the keyboard: rows by J and K, persons by 1 to 9, the other answers by their letter. */
const list = document.querySelector("[data-triage-list]");

function open() {
  return Array.from(list.querySelectorAll("[data-triage]"));
}
function current() {
  return document.activeElement && document.activeElement.closest("[data-triage]");
}
function focus(row) {
  if (!row) return;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}
function next(row, step) {
  const rows = open();
  const place = rows.indexOf(row);
  focus(rows[place < 0 ? 0 : Math.min(Math.max(place + step, 0), rows.length - 1)]);
}

function answerWithKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input, textarea, select");
  if (typing) {
    if (event.key === "Escape") focus(event.target.closest("[data-triage]"));
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  const row = current();
  const key = event.key.toLowerCase();
  if (key === "j" || event.key === "ArrowDown") {
    event.preventDefault();
    next(row, 1);
    return;
  }
  if (key === "k" || event.key === "ArrowUp") {
    event.preventDefault();
    next(row, -1);
    return;
  }
  if (key === "u") {
    const done = list.querySelectorAll("[data-triage-done] [data-key=u]");
    const last = list.querySelector("[data-last-done] [data-key=u]") || done[done.length - 1];
    if (last) {
      event.preventDefault();
      last.click();
    }
    return;
  }
  if (!row) return;
  if (key === "f") {
    event.preventDefault();
    row.querySelector("input[name=q]").focus();
    return;
  }
  const button = /^[1-9nlr]$/.test(key) && row.querySelector(`[data-key='${key}']`);
  if (button) {
    event.preventDefault();
    button.click();
  }
}

// The figures beside the heading follow the answers. Rows put off are not among the open ones, nor settled.
const figures = ["open", "settled"].map((name) => document.querySelector(`[data-${name}-count]`));
const first = figures.map((figure) => (figure ? Number(figure.textContent) : NaN));
const putOff = /[?&]later=./.test(location.search);
function count() {
  if (first.some(Number.isNaN)) return;
  const done = list.querySelectorAll("[data-outcome]").length;
  const later = list.querySelectorAll("[data-outcome=later]").length;
  figures[0].textContent = first[0] - (putOff ? 0 : done);
  figures[1].textContent = first[1] + done - later;
}

// After an answer the next open row has the focus; after taking one back, that row.
function focusNext(event) {
  const swapped = document.getElementById(event.detail.target.id);
  if (!swapped || !list.contains(swapped)) return;
  count();
  list.querySelectorAll("[data-last-done]").forEach((one) => {
    one.removeAttribute("data-last-done");
  });
  if (swapped.hasAttribute("data-triage-done")) {
    swapped.setAttribute("data-last-done", "");
    let after = swapped;
    while (after && !after.hasAttribute("data-triage")) after = after.nextElementSibling;
    focus(after || open()[0]);
  } else if (swapped.hasAttribute("data-triage")) {
    focus(swapped);
  } else {
    focus(swapped.closest("[data-triage]"));
  }
}

if (list) {
  document.addEventListener("keydown", answerWithKey);
  document.addEventListener("htmx:afterSwap", focusNext);
}
