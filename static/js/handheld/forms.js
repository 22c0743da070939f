/* The forms of the phone are those of the pages, as the pack brings them: filled in, checked, gathered. */
import { make } from "../elements.js";

export function today() {
  // The day in China, whatever zone the phone believes in.
  return new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10);
}

export function fillForm(form, values) {
  Object.keys(values).forEach((name) => {
    const given = values[name];
    const fields = form.querySelectorAll(`[name="${name.replace(/["\\]/g, "\\$&")}"]`);
    Array.from(fields).forEach((field) => {
      if (field.type === "radio") field.checked = field.value === given;
      else if (field.type === "checkbox") field.checked = !!given;
      else if (field.type !== "file") field.value = given;
    });
  });
}

export function fillMembers(form, members) {
  Array.from(form.querySelectorAll("select[data-members]")).forEach((select) => {
    members.forEach((member) => {
      const words = `${member[1]}（${member[3]}${member[2] ? `，${member[2]} 年生` : ""}）`;
      select.appendChild(make("option", { value: member[0] }, words));
    });
  });
}

/* Every field that has something, as a browser would send it. */
export function gatherFields(form) {
  const values = {};
  Array.from(form.elements).forEach((field) => {
    if (!field.name || field.type === "file" || field.disabled) return;
    if ((field.type === "radio" || field.type === "checkbox") && !field.checked) return;
    const value = field.type === "checkbox" ? field.value || "on" : field.value.trim();
    if (value) values[field.name] = value;
  });
  return values;
}

function labelOf(form, field) {
  const own = field.id && form.querySelector(`label[for="${field.id}"]`);
  const set = field.closest("fieldset");
  const legend = set && set.querySelector("legend");
  const words = (field.type === "radio" && legend) || own || legend;
  return words ? words.textContent.replace(/[*＊]|（必填）|必填/g, "").trim() : "";
}

function findPlainFault(form) {
  for (let i = 0; i < form.elements.length; i++) {
    const field = form.elements[i];
    if (!field.name || field.validity.valid) continue;
    if (field.validity.valueMissing)
      return {
        words:
          field.type === "checkbox"
            ? `请先勾选：${labelOf(form, field)}`
            : `还没有填：${labelOf(form, field)}`,
        field: field,
      };
    return { words: `${labelOf(form, field)}：请核对。`, field: field };
  }
  const days = form.querySelectorAll('input[type="date"]');
  for (let i = 0; i < days.length; i++) {
    if (days[i].value && days[i].value > today())
      return { words: `${labelOf(form, days[i])}：不能晚于今天。`, field: days[i] };
  }
  return null;
}

function findEntryFault(form) {
  const questions = form.querySelectorAll("fieldset[id^='q-']");
  const nothing = form.querySelector("[name=nothing_found]").checked;
  let answered = 0;
  for (let i = 0; i < questions.length; i++) {
    const set = questions[i];
    const given = set.querySelector(`[name="${set.id}"]:checked`);
    const title = set.querySelector("legend").firstChild.textContent.trim();
    if (!given) continue;
    answered += 1;
    if (nothing && given.value !== "no")
      return { words: `勾选了“以上都没有”，但“${title}”不是“没有”，请改一处。`, field: given };
    if (given.value !== "yes") continue;
    const ticked = set.querySelectorAll(".field-option > .pick:checked");
    if (!ticked.length) return { words: `“${title}”选了“有”，请再勾选是哪一种情况。`, field: given };
    for (let j = 0; j < ticked.length; j++) {
      const box = ticked[j].parentNode;
      const name = ticked[j].name;
      const words = box.querySelector("label").textContent.trim();
      if (!box.querySelector(`[name="${name}-bear"]:checked`))
        return {
          words: `“${words}”：请选家里自己扛得住吗。`,
          field: box.querySelector(`[name="${name}-bear"]`),
        };
      const asks = box.querySelectorAll("fieldset[data-decides]");
      for (let k = 0; k < asks.length; k++) {
        if (!asks[k].querySelector("input:checked"))
          return {
            words: `“${words}”：请选“${asks[k].querySelector("legend").textContent.trim()}”。`,
            field: asks[k].querySelector("input"),
          };
      }
    }
  }
  if (!answered && !nothing)
    return {
      words: "六个方面还没有填。问过都没有的，请勾选“以上都没有（未发现风险）”。",
      field: form.querySelector("[name=nothing_found]"),
    };
  return null;
}

function findVerificationFault(form) {
  const words = form.querySelector("[name=words]");
  const doubtful = Array.from(
    form.querySelectorAll(
      'input[type=radio][value="untrue"]:checked, input[type=radio][value="unclear"]:checked',
    ),
  );
  const isExplained = (radio) => {
    const own = form.querySelector(`[name="${radio.name.replace("answer_", "words_")}"]`);
    return own && own.value.trim();
  };
  if (words.value.trim() || doubtful.every(isExplained)) return null;
  return { words: "不属实的、查不清的，请用一句话写明看到了什么。", field: words };
}

export function findFault(form, kind) {
  return (
    findPlainFault(form) ||
    (kind === "entry" && findEntryFault(form)) ||
    (kind === "verification" && findVerificationFault(form)) ||
    null
  );
}

/* 医疗、就业 of an entry; 未发现风险. */
export function entrySentence(form) {
  const kinds = Array.from(form.querySelectorAll("fieldset[id^='q-']"))
    .filter((set) => {
      const given = set.querySelector(`[name="${set.id}"]:checked`);
      return given && given.value !== "no";
    })
    .map((set) =>
      set
        .querySelector("legend")
        .firstChild.textContent.replace(/^\s*\d+\s*/, "")
        .trim(),
    );
  return kinds.length ? kinds.join("、") : "未发现风险";
}
