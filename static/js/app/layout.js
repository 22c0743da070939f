/* A panel that scrolls sideways can be reached with the keyboard. */
function reachable() {
  document.querySelectorAll(".table-responsive").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
}
document.addEventListener("DOMContentLoaded", reachable);
document.addEventListener("htmx:afterSettle", reachable);
window.addEventListener("resize", reachable);

/* ---- The entry of this page stays in sight in a menu that is longer than the screen ---- */
document.addEventListener("DOMContentLoaded", () => {
  const here = document.querySelector("#side [aria-current=page]");
  let box = here && here.parentElement;
  while (box && box.id !== "side" && box.scrollHeight <= box.clientHeight) box = box.parentElement;
  if (!box || box.scrollHeight <= box.clientHeight) return;
  const below = here.getBoundingClientRect().bottom + 16 - box.getBoundingClientRect().bottom;
  if (below > 0) box.scrollTop += below;
});
