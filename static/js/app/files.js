/* Files. */
import { showToast } from "./toasts.js";

function size(bytes) {
  return bytes < 1048576
    ? `${Math.max(1, Math.round(bytes / 1024))} KB`
    : `${(bytes / 1048576).toFixed(1)} MB`;
}
function showFiles(input) {
  const drop = input.closest(".drop");
  if (!drop) return;
  const name = drop.querySelector(".drop-name");
  let files = Array.from(input.files);
  if (!("empty" in name.dataset)) name.dataset.empty = name.textContent;
  const limit = Number(input.dataset.maxMb || 0) * 1048576;
  const heavy = limit && files.find((file) => file.size > limit);
  if (heavy) {
    input.value = "";
    files = [];
    showToast(`“${heavy.name}”有 ${size(heavy.size)}，超过 ${input.dataset.maxMb} MB，请分开后再上传。`, {
      error: true,
    });
  }
  name.textContent =
    files.map((file) => `${file.name}（${size(file.size)}）`).join("、") || name.dataset.empty;
  drop.classList.toggle("filled", files.length > 0);
}
document.addEventListener("change", (event) => {
  if (event.target.type === "file") showFiles(event.target);
});
["dragover", "dragleave", "drop"].forEach((kind) => {
  document.addEventListener(kind, (event) => {
    const drop = event.target.closest && event.target.closest(".drop");
    if (kind !== "dragleave" && event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files"))
      event.preventDefault();
    if (!drop) return;
    drop.classList.toggle("over", kind === "dragover");
    const input = drop.querySelector("input[type=file]");
    if (kind !== "drop" || !input || !event.dataTransfer.files.length) return;
    if (!input.multiple && event.dataTransfer.files.length > 1) {
      showToast("这里一次只能放一个文件。", { error: true });
      return;
    }
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
});
