/* Entry aid: ↑ ↓ go from one copy button to the next, Enter copies (as any button), the line just copied is marked. */
function steps() {
  return Array.from(document.querySelectorAll("[data-steps] [data-copy]"));
}

function to(button) {
  if (!button) return;
  button.focus();
  button.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  if (
    event.ctrlKey ||
    event.altKey ||
    event.metaKey ||
    event.target.closest("input, textarea, select, [role=menu]")
  )
    return;
  const all = steps();
  if (!all.length) return;
  const here = all.indexOf(document.activeElement);
  const step = event.key === "ArrowDown" ? 1 : -1;
  event.preventDefault();
  to(here < 0 ? all[step > 0 ? 0 : all.length - 1] : all[here + step]);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-steps] [data-copy]");
  if (!button) return;
  document.querySelectorAll("[data-steps] tr.copied").forEach((row) => {
    row.classList.remove("copied");
  });
  button.closest("tr").classList.add("copied");
  button.focus();
});

document.addEventListener("DOMContentLoaded", () => {
  const first = steps()[0];
  const wrong = document.querySelector(".is-invalid");
  if (wrong) wrong.focus();
  else if (first) first.focus({ preventScroll: true });
});
