/* 人均 while one types, on the page of an entry and on the phone. */
const signs = { wages: 1, business: 1, costs: -1, property_income: 1, transfers: 1 };

function fen(text) {
  let words = text.replace(/[,，\s元]/g, "");
  let unit = 100;
  if (/万$/.test(words)) {
    unit = 1000000;
    words = words.slice(0, -1);
  }
  const number = Number(words);
  return Number.isFinite(number) ? Math.round(number * unit) : NaN;
}

function show(box) {
  const place = box.querySelector("[data-sum]");
  const heads = parseInt(box.querySelector("[name=heads]").value, 10);
  let sum = 0;
  let typed = false;
  Object.keys(signs).forEach((name) => {
    const value = box.querySelector(`[name=${name}]`).value;
    if (value) typed = true;
    sum += signs[name] * fen(value || "0");
  });
  if (!typed || !heads || Number.isNaN(sum)) {
    place.textContent = typed && Number.isNaN(sum) ? "金额请只填数字" : "—";
    return;
  }
  const each = Math.sign(sum) * Math.round(Math.abs(sum) / heads);
  place.textContent = `${(each / 100).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 })} 元`;
}

export function showPerHead(root) {
  const box = root.querySelector("[data-per-head]");
  if (!box) return;
  box.addEventListener("input", () => {
    show(box);
  });
  show(box);
}
