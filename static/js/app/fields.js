/* Preset words: a tap adds them to their field. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-words-for]");
  const field = button && document.getElementById(button.dataset.wordsFor);
  if (!field) return;
  const before = field.value.trim();
  field.value = before
    ? `${before.replace(/[；。，]$/, "")}；${button.textContent.trim()}`
    : button.textContent.trim();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

/* ---- Unsaved changes ---- */
const changed = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form && "guard" in form.dataset) changed.add(form);
});
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) changed.delete(event.target);
});
window.addEventListener("beforeunload", (event) => {
  changed.forEach((form) => {
    if (!document.contains(form)) changed.delete(form);
  });
  if (changed.size) {
    event.preventDefault();
    event.returnValue = "";
  }
});
