/* A hamlet and its households. */
import { icon, make } from "../../elements.js";
import { listEntries } from "../outbox.js";
import { sentRow } from "./outbox.js";
import {
  dayWords,
  findCase,
  findEntry,
  findHamlet,
  findHousehold,
  households,
  lastBox,
  missingPage,
  stateSentence,
} from "./parts.js";
import { phone } from "../phone.js";

export async function hamletPage(pk) {
  const mine = await listEntries();
  const one = pk === "none" ? null : findHamlet(pk);
  const round = phone.me.pack.round;
  const homes = households().filter((home) => (one ? home.hamlet === one.pk : !home.hamlet));
  const sent = one && findEntry(mine, "signoff", one.pk);
  return {
    title: one ? one.name : "没有登记屯的户",
    back: "#/",
    body: [
      make(
        "div.field-intro",
        make("h1", one ? one.name : "没有登记屯的户"),
        make("p", `${homes.length} 户${one && one.head ? ` · 屯长 ${one.head}` : ""}`),
      ),
      homes.map((home) => householdRow(home, mine)),
      !homes.length && make("p.field-foot.muted", "户册里这里还没有户。"),
      one &&
        round &&
        (one.signed
          ? make(
              "p.field-signed",
              icon("check-circle"),
              make("span", `已确认：${dayWords(one.signed.on)}排查，${one.signed.by}录入`),
            )
          : sent
            ? make("p.field-signed", icon("check-circle"), make("span", `本屯确认：${stateSentence(sent)}`))
            : make(
                "div.field-acts.field-acts-in.field-acts-one",
                make("a.btn.btn-outline-primary", { href: `#/signoff/${one.pk}` }, "本屯排查确认"),
              )),
    ],
  };
}

export function householdRow(home, mine) {
  const own = findEntry(mine, "entry", home.uuid);
  const last = home.last;
  let mark;
  if (home.lamp === "red")
    mark = make("span.lamp.red", { title: "亮灯预警" }, make("span.visually-hidden", "亮灯预警"));
  else if (own || (last && last.uuid))
    mark = make(
      "span.field-mark",
      icon((own ? own.label.told === "未发现风险" : last.clear) ? "check-lg" : "pencil"),
    );
  else mark = make("span.field-mark");
  const words = own
    ? `${own.label.told} · ${stateSentence(own)}`
    : last
      ? `${(last.uuid ? "" : "上次 ") + last.told} · ${dayWords(last.on)}`
      : home.kind || "还没有排查过";
  return make(
    "a.field-item",
    { href: `#/home/${home.uuid}` },
    mark,
    make(
      "span.grow",
      make("b", home.head || "（无户主）"),
      make("span.muted", ` ${home.size} 人`),
      make("span.sub", words),
    ),
    icon("chevron-right"),
  );
}

export async function homePage(uuid) {
  const home = findHousehold(uuid);
  const mine = await listEntries();
  if (!home) return missingPage();
  const own = mine.filter((entry) => entry.about === uuid);
  const tasks = phone.me.pack.tasks.filter((one) => one.household === uuid);
  return {
    title: `${home.head}户`,
    back: `#/hamlet/${home.hamlet || "none"}`,
    body: [
      make(
        "div.field-intro",
        make("h1", `${home.head}户`),
        make("p", `${home.size} 人${home.kind ? ` · ${home.kind}` : ""}`),
        lastBox(home),
      ),
      make(
        "section.field-question",
        { "aria-label": "家里人" },
        make("b", "家里人"),
        make(
          "ul.field-list",
          home.members.map((one) => make("li", `${one[1]}，${one[3]}${one[2] ? `，${one[2]} 年生` : ""}`)),
        ),
      ),
      make(
        "div.field-acts.field-acts-in.field-acts-one",
        phone.me.pack.round && make("a.btn.btn-primary", { href: `#/entry/${uuid}` }, "入户排查"),
        tasks.map((one) =>
          make("a.btn.btn-outline-primary", { href: `#/task/${one.uuid}` }, `核实：${one.tags.join("、")}`),
        ),
        findCase(uuid) && make("a.btn.btn-outline-primary", { href: `#/visit/${uuid}` }, "登记走访"),
      ),
      own.length > 0 &&
        make(
          "section",
          { "aria-label": "我填的" },
          make("div.field-head", make("h2", "我填的")),
          own.map(sentRow),
        ),
    ],
  };
}
