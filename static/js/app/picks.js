/* Ticked rows. */
function picks(form) {
  return Array.from(form.querySelectorAll("input[name=pick]"));
}
/* Where rows carry an amount in fen, what the ticked ones add up to. */
function sumOf(boxes) {
  if (!boxes.some((box) => box.dataset.fen)) return "";
  const fen = boxes.reduce((sum, box) => sum + (box.checked ? Number(box.dataset.fen) : 0), 0);
  return `，共 ${(fen / 100).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 })} 元`;
}
function countPicks(form) {
  const all = picks(form);
  const ticked = all.filter((box) => box.checked).length;
  const words = `已选 ${ticked} ${form.dataset.unit || "户"}${sumOf(all)}`;
  form.querySelectorAll("[data-picked]").forEach((place) => {
    place.textContent = words;
  });
  form.querySelectorAll("[data-pick-all]").forEach((box) => {
    box.checked = ticked > 0 && ticked === all.length;
    box.indeterminate = ticked > 0 && ticked < all.length;
  });
}
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form || !event.target.matches("[data-pick-all], input[name=pick]")) return;
  if (event.target.matches("[data-pick-all]"))
    picks(form).forEach((box) => {
      box.checked = event.target.checked;
    });
  countPicks(form);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-picks]").forEach(countPicks);
});
