/* 代录 with the keys: 1 2 3 answer, a letter ticks, numbers choose inside, 0 for nothing at all, Enter saves, Escape
   goes back. The page works without it. */
const form = document.querySelector("form[data-typing]");

const TYPED = "input:not([type=radio]):not([type=checkbox]):not([type=hidden]), textarea, select";
const save = form.querySelector("[data-save]");
const hint = form.querySelector("[data-hint]");
const nothing = form.querySelector("[name=nothing_found]");
const number = document.getElementById("sheet-no");
const questions = Array.from(form.querySelectorAll("fieldset.field-question"));
let warned = false;

function isShown(element) {
  return element.getClientRects().length > 0;
}
function showHint(words) {
  hint.textContent = words || "";
}

/* Where the keys can be, in the order of the page: questions, choices, ticks, fields, the button. */
function stops(inside) {
  const all = (inside || form).querySelectorAll(
    `fieldset.field-question, .field-choice, .field-ticks input, [data-save], ${TYPED}`,
  );
  return Array.from(all).filter(isShown);
}
function stopOf(element) {
  if (!form.contains(element)) return null;
  return element.matches(`.field-ticks input, [data-save], summary, ${TYPED}`)
    ? element
    : element.closest(".field-choice, fieldset.field-question");
}
function questionOf(stop) {
  return stop && stop.closest("fieldset.field-question");
}
function go(stop) {
  if (!stop) return;
  const inner = stop.matches(".field-choice")
    ? stop.querySelector("input:checked") || stop.querySelector("input")
    : stop;
  inner.focus({ preventScroll: true });
  if (inner.matches("input:not([type]), input[type=text]")) inner.select();
  stop.scrollIntoView({ block: "nearest" });
}

function given(question) {
  return form.querySelector(`[name=${question.id}]:checked`);
}
function open() {
  return questions.filter((question) => !given(question));
}
function beside(question, step) {
  return questions[questions.indexOf(question) + step];
}
function forward(question) {
  go(beside(question, 1) || save);
}
function ownAsks(question) {
  return stops(question).filter((stop) => stop.closest(".field-opened") && !stop.closest(".field-option"));
}

/* From one thing asked further to the next; after the last one of a box, back to its question. */
function onward(stop) {
  const question = questionOf(stop);
  const option = stop.closest(".field-option");
  const all = stops();
  const next = all[all.indexOf(stop) + 1];
  if (!question || (option ? option : question).contains(next)) {
    go(next || save);
    return;
  }
  if (option) go(question);
  else forward(question);
}

function answer(question, place) {
  const pick = form.querySelectorAll(`[name=${question.id}]`)[place - 1];
  const again =
    pick.checked && pick.value === "yes" && question.querySelector(".field-option > .pick:checked");
  if (!pick.checked) pick.click();
  if (pick.value !== "no" && nothing.checked) nothing.click();
  if (again) {
    if (ownAsks(question).length) go(ownAsks(question)[0]);
    else forward(question);
  } else if (pick.value === "yes") {
    go(question);
    showHint("按字母选是哪一种情况。");
  } else {
    forward(question);
  }
}

function tick(question, letter) {
  const option = question.querySelector(`.field-option[data-key='${letter}']`);
  if (!option) return;
  if (!given(question) || given(question).value !== "yes") answer(question, 2);
  const box = option.querySelector(".pick");
  box.click();
  go(box.checked ? stops(option)[0] : question);
  showHint(box.checked ? "" : `已取消 ${letter}。`);
}

function none() {
  const other = questions.filter((question) => given(question) && given(question).value !== "no")[0];
  if (other) {
    go(other);
    showHint("这一项不是“没有”，先改这一项，再按 0。");
    return;
  }
  open().forEach((question) => {
    form.querySelector(`[name=${question.id}][value=no]`).click();
  });
  if (!nothing.checked) nothing.click();
  go(save);
}

/* A number inside a question: the choice, the person or the tick of that place. */
function choose(stop, place) {
  if (stop.matches("select")) {
    if (!stop.options[place]) return;
    stop.selectedIndex = place;
    stop.dispatchEvent(new Event("input", { bubbles: true }));
  } else if (stop.matches(".field-choice")) {
    const radio = stop.querySelectorAll("input[type=radio]")[place - 1];
    if (!radio) return;
    radio.click();
  } else if (place === 1) {
    if (!stop.checked) stop.click();
  } else {
    return;
  }
  onward(stop);
}

function send() {
  const left = nothing.checked ? [] : open();
  if (left.length && !warned) {
    warned = true;
    go(left[0]);
    showHint(`还有 ${left.length} 项没有填。纸上就是空着的，再按一次回车保存。`);
    return;
  }
  form.requestSubmit(save);
}

function back(stop) {
  const question = questionOf(stop);
  const all = stops();
  if (question && question !== stop) go(question);
  else if (question && beside(question, -1)) go(beside(question, -1));
  else if (!question && stop.compareDocumentPosition(questions[0]) & Node.DOCUMENT_POSITION_PRECEDING)
    go(questions[questions.length - 1]);
  else go(all[Math.max(all.indexOf(stop) - 1, 0)]);
}

function enter(event, stop) {
  if (stop.matches("summary")) return;
  event.preventDefault();
  if (event.repeat) return; // still held from the household before
  if (stop.matches(TYPED) && !event.ctrlKey) onward(stop);
  else send();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.altKey || event.metaKey) return;
  if (document.querySelector("dialog[open]")) return;
  const nowhere = event.target === document.body || event.target.id === "main";
  const stop = nowhere ? open()[0] || save : stopOf(event.target);
  const key = event.key.toUpperCase();
  if (event.target === number && key === "ESCAPE") {
    go(open()[0] || save);
    return;
  }
  if (!stop) return;
  if (key === "ENTER") {
    enter(event, stop);
    return;
  }
  if (key === "CONTROL" || key === "SHIFT") return;
  warned = false;
  if (event.ctrlKey) return;
  if (key === "ESCAPE") {
    event.preventDefault();
    showHint();
    back(stop);
    return;
  }
  const writes = stop.matches(TYPED) && !stop.matches("select");
  const question = questionOf(stop);
  if (writes || event.repeat) return;
  if (stop === question && (key === "ARROWDOWN" || key === "ARROWUP") && event.target === question) {
    event.preventDefault();
    go(beside(question, key === "ARROWDOWN" ? 1 : -1));
  } else if (/^[0-9]$/.test(key) && !stop.matches("summary")) {
    event.preventDefault();
    showHint();
    if (key === "0") none();
    else if (stop === question) {
      if (Number(key) < 4) answer(question, Number(key));
    } else if (!stop.matches("[data-save]")) choose(stop, Number(key));
  } else if (/^[A-M]$/.test(key) && question && !stop.matches("select")) {
    event.preventDefault();
    showHint();
    tick(question, key);
  } else if (key === "N" && !stop.matches("select")) {
    event.preventDefault();
    number.focus();
    number.select();
  }
});

questions.forEach((question) => {
  question.tabIndex = -1;
});
const here = document.querySelector(".typing-list [aria-current]");
if (here) here.closest("ol").scrollTop = here.parentElement.offsetTop - here.closest("ol").clientHeight / 2;
const wrong =
  form.querySelector(".is-invalid") || form.querySelector("fieldset.field-question > .field-error");
const empty = ["visitors", "visited_on"]
  .map((name) => form.querySelector(`[name=${name}]`))
  .filter((input) => !input.value)[0];
if (document.activeElement !== number) go(wrong ? stopOf(wrong) : empty || open()[0] || save);
