/* Asking before an act. */
import { make } from "../elements.js";
import { isHtmx } from "./requests.js";

let dialog;
let answer;

function buildDialog() {
  dialog = make(
    "dialog.ask",
    { "aria-labelledby": "ask-words", "aria-describedby": "ask-detail" },
    make(
      "form",
      { method: "dialog" },
      make("h2", { id: "ask-words" }),
      make("p", { id: "ask-detail" }),
      make(
        "div.buttons",
        make("button.btn.btn-outline-secondary", { value: "" }, "取消"),
        make("button.btn.btn-primary", { value: "yes" }),
      ),
    ),
  );
  dialog.addEventListener("close", () => {
    const act = answer;
    answer = null;
    if (dialog.returnValue === "yes" && act) act();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close("");
  });
  document.body.appendChild(dialog);
}

/* What the act will do to the ticked rows of its form, where these carry amounts. */
function picked(source) {
  const form = source.form || source.closest("form");
  const place = form && form.dataset.unit && source !== form ? form.querySelector("[data-picked]") : null;
  return place ? place.textContent : "";
}

function ask(source, question, then) {
  const data = source.dataset;
  const detailWords = [picked(source), data.confirmDetail].filter(Boolean).join("。");
  if (!window.HTMLDialogElement) {
    if (window.confirm([question, detailWords].filter(Boolean).join("\n"))) then();
    return;
  }
  if (!dialog) buildDialog();
  const detail = dialog.querySelector("p");
  const yes = dialog.querySelector("button[value=yes]");
  dialog.querySelector("h2").textContent = question;
  detail.textContent = detailWords;
  detail.hidden = !detailWords;
  yes.textContent = data.confirmLabel || "确定";
  const grave = source.matches(".btn-danger, .btn-outline-danger") || "confirmDanger" in data;
  yes.className = `btn ${grave ? "btn-danger" : "btn-primary"}`;
  answer = then;
  dialog.returnValue = "";
  dialog.showModal();
  (grave ? dialog.querySelector("button") : yes).focus();
}

const confirmed = new WeakSet();

/* Signing out where the phone's page still has something unsent: asked, for it stays sealed here (js/handheld). */
function unsent() {
  try {
    return Number(localStorage.getItem("handheld-unsent")) || 0;
  } catch (_error) {
    return 0;
  }
}

document.addEventListener(
  "submit",
  (event) => {
    if (!event.target.matches("[data-sign-out]")) return;
    try {
      sessionStorage.setItem("handheld-leaves", event.target.dataset.signOut);
    } catch (_error) {
      /* then everybody's pack goes */
    }
    const count = unsent();
    if (!count) return;
    event.target.dataset.confirm = `手机入户还有 ${count} 条没有上传，现在退出吗？`;
    event.target.dataset.confirmDetail =
      "退出后它们封存在这部手机上，您下次用密码登录再传。要先上传，请先打开“手机入户”";
  },
  true,
);

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const button = event.submitter;
    const source = [button, form].find((element) => element && element.dataset.confirm);
    if (!source || isHtmx(form) || (button && isHtmx(button))) return;
    if (confirmed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if ("busy" in form.dataset) return;
    ask(source, source.dataset.confirm, () => {
      confirmed.add(form);
      form.requestSubmit(button || undefined);
    });
  },
  true,
);

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-confirm]");
  if (!link || isHtmx(link)) return;
  event.preventDefault();
  ask(link, link.dataset.confirm, () => {
    window.location.assign(link.href);
  });
});

document.addEventListener("htmx:confirm", (event) => {
  let source = event.detail.elt;
  const trigger = event.detail.triggeringEvent && event.detail.triggeringEvent.submitter;
  if (trigger && trigger.dataset.confirm) source = trigger;
  const question = event.detail.question || source.dataset.confirm;
  if (!question) return;
  event.preventDefault();
  ask(source, question, () => {
    event.detail.issueRequest(true);
  });
});
