/* Entry aid: ↑ ↓ go from one copy button to the next, Enter copies (as any button), the line just copied is marked. */
(function () {
  "use strict";

  function steps() { return Array.from(document.querySelectorAll("[data-steps] [data-copy]")); }

  function to(button) {
    if (!button) return;
    button.focus();
    button.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", function (event) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, textarea, select, [role=menu]")) return;
    var all = steps();
    if (!all.length) return;
    var here = all.indexOf(document.activeElement), step = event.key === "ArrowDown" ? 1 : -1;
    event.preventDefault();
    to(here < 0 ? all[step > 0 ? 0 : all.length - 1] : all[here + step]);
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-steps] [data-copy]");
    if (!button) return;
    document.querySelectorAll("[data-steps] tr.copied").forEach(function (row) { row.classList.remove("copied"); });
    button.closest("tr").classList.add("copied");
    button.focus();
  });

  document.addEventListener("DOMContentLoaded", function () {
    var first = steps()[0], wrong = document.querySelector(".is-invalid");
    if (wrong) wrong.focus();
    else if (first) first.focus({ preventScroll: true });
  });
})();
