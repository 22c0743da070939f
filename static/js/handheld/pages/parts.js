/* What the screens share: finding in the pack, days and states in words. */
import { make, note } from "../../elements.js";
import { today } from "../forms.js";
import { phone } from "../phone.js";

export const KINDS = { entry: "入户排查", signoff: "本屯确认", verification: "核实", visit: "走访" };

export function dayWords(words) {
  if (!words) return "";
  const parts = words.slice(0, 10).split("-");
  return `${Number(parts[1])}月${Number(parts[2])}日`;
}

export function untilWords(words) {
  if (!words) return "";
  const left = Math.round((Date.parse(words) - Date.parse(today())) / 86400000);
  if (left < 0) return `${dayWords(words)}前，已超期 ${-left} 天`;
  return `${dayWords(words)}前${left === 0 ? "，今天到期" : `，还有 ${left} 天`}`;
}

export function households() {
  return phone.me.pack ? phone.me.pack.households : [];
}

export function findHousehold(uuid) {
  return households().filter((home) => home.uuid === uuid)[0];
}

export function findHamlet(pk) {
  return phone.me.pack.hamlets.filter((one) => String(one.pk) === String(pk))[0];
}

export function findTask(uuid) {
  return phone.me.pack.tasks.filter((one) => one.uuid === uuid)[0];
}

export function findCase(uuid) {
  return phone.me.pack.cases.filter((one) => one.household === uuid)[0];
}

export function stateSentence(entry) {
  if (entry.uuid === phone.sendingNow) return "正在上传";
  if (entry.state === "here") return phone.net.on ? "等待上传" : "在手机上，待上传";
  if (entry.state === "stuck") return "没有收下，需要处理";
  if (entry.waiting) return `已收到，还有 ${entry.waiting} 张照片在传`;
  return entry.state === "attention" ? "已收到，待乡镇处理" : entry.words || "已收到";
}

export function findEntry(mine, kind, about) {
  return mine.filter((entry) => entry.kind === kind && entry.about === String(about))[0];
}

export function lastBox(home) {
  const last = home.last;
  return make(
    "div.field-last",
    make("b", "上次"),
    make("span", last ? `${dayWords(last.on)} ${last.who} ${last.way}：${last.told}` : "还没有入户排查记录"),
  );
}

export function missingPage() {
  return {
    title: "手机入户",
    back: "#/",
    body: [
      make("div.field-intro", note("warning", "手机上没有这一项，可能已经办完。请回到村里的页面。")),
      make("p.field-foot", make("a.btn.btn-primary", { href: "#/" }, "回到村里")),
    ],
  };
}
