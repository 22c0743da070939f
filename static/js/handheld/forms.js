/* The forms of the phone are those of the pages, as the pack brings them: filled in, checked, gathered. */
(function () {
  "use strict";

  var H = window.Handheld;

  H.today = function () {
    // The day in China, whatever zone the phone believes in.
    return new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10);
  };

  /* ---- Filling in ---- */
  H.fill = function (form, values) {
    Object.keys(values).forEach(function (name) {
      var given = values[name], fields = form.querySelectorAll('[name="' + name.replace(/["\\]/g, "\\$&") + '"]');
      Array.prototype.forEach.call(fields, function (field) {
        if (field.type === "radio") field.checked = field.value === given;
        else if (field.type === "checkbox") field.checked = !!given;
        else if (field.type !== "file") field.value = given;
      });
    });
  };

  H.fillMembers = function (form, members) {
    Array.prototype.forEach.call(form.querySelectorAll("select[data-members]"), function (select) {
      members.forEach(function (member) {
        var option = document.createElement("option");
        option.value = member[0];
        option.textContent = member[1] + "（" + member[3] + (member[2] ? "，" + member[2] + " 年生" : "") + "）";
        select.appendChild(option);
      });
    });
  };

  /* Every field that has something, as a browser would send it. */
  H.gather = function (form) {
    var found = {};
    Array.prototype.forEach.call(form.elements, function (field) {
      if (!field.name || field.type === "file" || field.disabled) return;
      if ((field.type === "radio" || field.type === "checkbox") && !field.checked) return;
      var value = field.type === "checkbox" ? field.value || "on" : field.value.trim();
      if (value) found[field.name] = value;
    });
    return found;
  };

  /* ---- Checking: the first fault as { words, field }, or null ---- */
  function label(form, field) {
    var own = field.id && form.querySelector('label[for="' + field.id + '"]');
    var set = field.closest("fieldset"), legend = set && set.querySelector("legend");
    var words = (field.type === "radio" && legend) || own || legend;
    return words ? words.textContent.replace(/[*＊]|（必填）|必填/g, "").trim() : "";
  }

  function plain(form) {
    for (var i = 0; i < form.elements.length; i++) {
      var field = form.elements[i];
      if (!field.name || field.validity.valid) continue;
      if (field.validity.valueMissing) return { words: field.type === "checkbox" ? "请先勾选：" + label(form, field) : "还没有填：" + label(form, field), field: field };
      return { words: label(form, field) + "：请核对。", field: field };
    }
    var days = form.querySelectorAll('input[type="date"]');
    for (i = 0; i < days.length; i++) {
      if (days[i].value && days[i].value > H.today()) return { words: label(form, days[i]) + "：不能晚于今天。", field: days[i] };
    }
    return null;
  }

  function entry(form) {
    var questions = form.querySelectorAll("fieldset[id^='q-']"), nothing = form.querySelector("[name=nothing_found]").checked, answered = 0;
    for (var i = 0; i < questions.length; i++) {
      var set = questions[i], given = set.querySelector('[name="' + set.id + '"]:checked'), title = set.querySelector("legend").firstChild.textContent.trim();
      if (!given) continue;
      answered += 1;
      if (nothing && given.value !== "no") return { words: "勾选了“以上都没有”，但“" + title + "”不是“没有”，请改一处。", field: given };
      if (given.value !== "yes") continue;
      var ticked = set.querySelectorAll(".field-option > .pick:checked");
      if (!ticked.length) return { words: "“" + title + "”选了“有”，请再勾选是哪一种情况。", field: given };
      for (var j = 0; j < ticked.length; j++) {
        var box = ticked[j].parentNode, name = ticked[j].name, words = box.querySelector("label").textContent.trim();
        if (!box.querySelector('[name="' + name + '-bear"]:checked')) return { words: "“" + words + "”：请选家里自己扛得住吗。", field: box.querySelector('[name="' + name + '-bear"]') };
        var asks = box.querySelectorAll("fieldset[data-decides]");
        for (var k = 0; k < asks.length; k++) {
          if (!asks[k].querySelector("input:checked")) return { words: "“" + words + "”：请选“" + asks[k].querySelector("legend").textContent.trim() + "”。", field: asks[k].querySelector("input") };
        }
      }
    }
    if (!answered && !nothing) return { words: "六个方面还没有填。问过都没有的，请勾选“以上都没有（未发现风险）”。", field: form.querySelector("[name=nothing_found]") };
    return null;
  }

  function verification(form) {
    var untold = form.querySelector('input[type=radio][value="untrue"]:checked, input[type=radio][value="unclear"]:checked');
    if (!untold || form.querySelector("[name=words]").value.trim()) return null;
    var all = Array.prototype.every.call(form.querySelectorAll('input[type=radio][value="untrue"]:checked, input[type=radio][value="unclear"]:checked'), function (radio) {
      var own = form.querySelector('[name="' + radio.name.replace("answer_", "words_") + '"]');
      return own && own.value.trim();
    });
    return all ? null : { words: "不属实的、查不清的，请用一句话写明看到了什么。", field: form.querySelector("[name=words]") };
  }

  H.fault = function (form, kind) {
    return plain(form) || (kind === "entry" && entry(form)) || (kind === "verification" && verification(form)) || null;
  };

  /* 医疗、就业 of an entry; 未发现风险. */
  H.told = function (form) {
    var found = Array.prototype.filter.call(form.querySelectorAll("fieldset[id^='q-']"), function (set) {
      var given = set.querySelector('[name="' + set.id + '"]:checked');
      return given && given.value !== "no";
    }).map(function (set) { return set.querySelector("legend").firstChild.textContent.replace(/^\s*\d+\s*/, "").trim(); });
    return found.length ? found.join("、") : "未发现风险";
  };
})();
