/* The page of an entry, and the same on the phone: 人均 while one types, the first fault brought into sight. The page
   works without it. */
(function () {
  "use strict";

  var signs = { wages: 1, business: 1, costs: -1, property_income: 1, transfers: 1 };

  function fen(text) {
    var words = text.replace(/[,，\s元]/g, ""), unit = 100;
    if (/万$/.test(words)) { unit = 1000000; words = words.slice(0, -1); }
    var number = Number(words);
    return isFinite(number) ? Math.round(number * unit) : NaN;
  }

  function show(box) {
    var place = box.querySelector("[data-sum]"), heads = parseInt(box.querySelector("[name=heads]").value, 10), sum = 0, typed = false;
    Object.keys(signs).forEach(function (name) {
      var value = box.querySelector("[name=" + name + "]").value;
      if (value) typed = true;
      sum += signs[name] * fen(value || "0");
    });
    if (!typed || !heads || isNaN(sum)) { place.textContent = typed && isNaN(sum) ? "金额请只填数字" : "—"; return; }
    var each = Math.sign(sum) * Math.round(Math.abs(sum) / heads);
    place.textContent = (each / 100).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 }) + " 元";
  }

  function perHead(root) {
    var box = root.querySelector("[data-per-head]");
    if (!box) return;
    box.addEventListener("input", function () { show(box); });
    show(box);
  }

  window.fieldPerHead = perHead;
  perHead(document);

  var fault = document.getElementById("fault") || document.querySelector(".field-error");
  if (fault) fault.scrollIntoView({ block: "center" });
})();
