/* What I have filled in. */
import { icon, make } from "../../elements.js";
import { listEntries, sendNow } from "../outbox.js";
import { KINDS, missingPage, stateSentence } from "./parts.js";

export async function outboxPage() {
  const mine = await listEntries();
  const waits = mine.filter((one) => one.state === "here" || one.state === "stuck" || one.waiting);
  return {
    title: "我填的",
    back: "#/",
    body: [
      make(
        "div.field-intro",
        make("h1", "我填的"),
        make("p", `${mine.length} 条${waits.length ? `，还有 ${waits.length} 条没有传完` : "，全部已收到"}`),
        waits.length > 0 &&
          make(
            "div.field-acts.field-acts-one",
            make(
              "button.btn.btn-primary",
              {
                type: "button",
                onclick: () => {
                  sendNow();
                },
              },
              icon("cloud-upload"),
              "现在上传",
            ),
          ),
      ),
      mine.map(sentRow),
      !mine.length && make("p.field-foot.muted", "还没有填过。填好的先存在手机上，有网络时自动上传。"),
    ],
  };
}

export function sentRow(entry) {
  const bad = entry.state === "stuck" || entry.state === "attention";
  return make(
    "a.field-item",
    { href: `#/sent/${entry.uuid}` },
    make(
      "span.field-mark",
      icon(entry.state === "received" && !entry.waiting ? "check-lg" : bad ? "exclamation-circle" : "clock"),
    ),
    make(
      "span.grow",
      make("b", entry.label.title || ""),
      make("span.muted", ` ${KINDS[entry.kind]}`),
      make("span.sub", `${entry.label.told || ""} · ${stateSentence(entry)}`),
    ),
    icon("chevron-right"),
  );
}

export async function sentPage(uuid) {
  const entry = (await listEntries()).filter((one) => one.uuid === uuid)[0];
  if (!entry) return missingPage();
  return {
    title: "我填的",
    back: "#/outbox",
    body: [
      make(
        "div.field-intro",
        make("h1", entry.label.title || ""),
        make("p", `${KINDS[entry.kind]} · ${entry.label.told || ""}`),
      ),
      make(
        "section.field-question",
        make(
          "dl.handheld-facts",
          make("dt", "状态"),
          make("dd", stateSentence(entry)),
          make("dt", "填的时间"),
          make(
            "dd",
            new Date(entry.at).toLocaleString("zh-CN", {
              month: "numeric",
              day: "numeric",
              hour: "2-digit",
              minute: "2-digit",
            }),
          ),
          make("dt", "照片"),
          make(
            "dd",
            entry.photos
              ? `${entry.photos} 张${entry.waiting ? `，还有 ${entry.waiting} 张没有传完` : "，已传完"}`
              : "没有",
          ),
          entry.reply && [make("dt", "答复"), make("dd", entry.reply)],
        ),
      ),
      make(
        "p.field-foot.muted",
        entry.state === "here"
          ? "还在手机上。传上去以前别清理微信缓存，也别清除浏览器数据。"
          : entry.state === "stuck"
            ? "服务器没有收下这一条，内容还在手机上。请按答复说的办，或联系乡镇。"
            : "填错了要更正的，请新填一条，先前的一条也留着。",
      ),
    ],
  };
}
