/* Filters: with the mouse at once, with the keyboard when the choice is made. */
let keyed = null;
function autosubmit(target) {
  const form = target.form;
  if (!form || !(target.hasAttribute("data-autosubmit") || form.hasAttribute("data-autosubmit"))) return;
  if (!target.matches("select, input[type=checkbox], input[type=radio], input[type=date], input[type=month]"))
    return;
  form.requestSubmit();
}
document.addEventListener("keydown", (event) => {
  if (!event.target.matches("select, input[type=date], input[type=month], input[type=radio]")) return;
  if (event.key === "Enter" && keyed === event.target && event.target.dataset.pending) {
    delete event.target.dataset.pending;
    autosubmit(event.target);
  } else {
    keyed = event.target;
  }
});
document.addEventListener("pointerdown", () => {
  keyed = null;
});
document.addEventListener("change", (event) => {
  if (keyed === event.target) event.target.dataset.pending = "1";
  else autosubmit(event.target);
});
document.addEventListener("focusout", (event) => {
  if (keyed !== event.target) return;
  keyed = null;
  if (event.target.dataset.pending) {
    delete event.target.dataset.pending;
    autosubmit(event.target);
  }
});
