/* The forms that are filled in at the door. */
import { make, note } from "../../elements.js";
import { entrySentence, today } from "../forms.js";
import { listEntries } from "../outbox.js";
import { formPage } from "./form_page.js";
import {
  dayWords,
  findCase,
  findEntry,
  findHamlet,
  findHousehold,
  findTask,
  households,
  lastBox,
  missingPage,
  untilWords,
} from "./parts.js";
import { phone } from "../phone.js";

export async function entryPage(uuid) {
  const home = findHousehold(uuid);
  const pack = phone.me.pack;
  if (!home || !pack.round) return missingPage();
  const one = findHamlet(home.hamlet);
  return {
    title: `${home.head}户 · 入户排查`,
    back: `#/home/${uuid}`,
    body: formPage({
      kind: "entry",
      draft: `entry/${uuid}`,
      about: uuid,
      html: pack.forms.entry,
      bare: true,
      members: home.members,
      photos: true,
      head: [
        make("h1", `${home.head}户`),
        make("p", `${(one ? `${one.name} · ` : "") + home.size} 人${home.kind ? ` · ${home.kind}` : ""}`),
        lastBox(home),
        make("p.field-say", "“我们每个季度来看看家里有没有难处，有的话好帮着想办法。问六个方面，几分钟。”"),
      ],
      values: {
        visited_on: today(),
        spoken_with: home.head,
        hamlet_head: one ? one.head : "",
        way: "visit",
        source: "cadre",
        heads: home.size,
      },
      content: { round: pack.round.uuid, household: uuid, seen: home.last ? home.last.uuid : "" },
      label: () => `${home.head}户`,
      told: entrySentence,
      save: "存好了，下一项",
      next: `#/hamlet/${home.hamlet || "none"}`,
    }),
  };
}

export async function newPage() {
  const pack = phone.me.pack;
  if (!pack.round) return missingPage();
  return {
    title: "户册里没有的户",
    back: "#/",
    body: formPage({
      kind: "entry",
      draft: "new",
      about: "new",
      html: pack.forms.newcomer,
      bare: true,
      photos: true,
      head: [
        make("h1", "户册里没有的户"),
        make("p.field-say", "“我们每个季度来看看家里有没有难处，有的话好帮着想办法。问六个方面，几分钟。”"),
      ],
      values: { visited_on: today(), way: "visit", source: "cadre" },
      content: { round: pack.round.uuid },
      label: (form) => `${form.querySelector("[name=new-name]").value.trim()}（新发现）`,
      told: entrySentence,
      save: "存好了，下一项",
      next: "#/",
    }),
  };
}

export async function signoffPage(pk) {
  const one = findHamlet(pk);
  const pack = phone.me.pack;
  const mine = await listEntries();
  if (!one || !pack.round) return missingPage();
  const homes = households().filter((home) => home.hamlet === one.pk);
  const lines = [];
  homes.forEach((home) => {
    const own = findEntry(mine, "entry", home.uuid);
    if (own) lines.push(`${home.head}：${own.label.told}`);
    else if (home.last && home.last.uuid) lines.push(`${home.head}：${home.last.told}`);
  });
  return {
    title: `${one.name} · 确认`,
    back: `#/hamlet/${pk}`,
    body: formPage({
      kind: "signoff",
      draft: `signoff/${pk}`,
      about: one.pk,
      html: pack.forms.signoff,
      head: [
        make("h1", `${one.name} · 本屯排查确认`),
        make("p", `${homes.length} 户`),
        lines.length
          ? make(
              "ul.field-list",
              lines.map((words) => make("li", words)),
            )
          : make("p", "本屯还没有填过户。确认后，就是全屯都没有发现风险。"),
      ],
      values: { on: today(), hamlet_head: one.head },
      content: { round: pack.round.uuid, hamlet: one.pk },
      label: () => one.name,
      told: () => "本屯排查确认",
      save: "确认本屯已排查",
      next: `#/hamlet/${pk}`,
    }),
  };
}

export async function taskPage(uuid) {
  const one = findTask(uuid);
  const home = one && findHousehold(one.household);
  if (!one) return missingPage();
  return {
    title: `${home ? `${home.head}户` : ""} · 核实`,
    back: home ? `#/home/${home.uuid}` : "#/",
    body: formPage({
      kind: "verification",
      draft: `task/${uuid}`,
      about: uuid,
      html: one.html,
      photos: true,
      head: [
        make("h1", `${home ? `${home.head}户` : ""}核实`),
        make("p", one.kind + (one.due ? ` · ${untilWords(one.due)}` : "")),
        one.ask && note("warning", one.ask),
        one.answered_by && make("p", `${one.answered_by}已回复过，再存就是修改回复。`),
        home && lastBox(home),
      ],
      values: { visited_on: today() },
      content: { task: uuid, household: one.household, answered: one.answered },
      label: () => (home ? `${home.head}户` : "核实"),
      told: () => `核实 ${one.tags.join("、")}`,
      save: "存好了，下一项",
      next: "#/",
    }),
  };
}

export async function visitPage(uuid) {
  const one = findCase(uuid);
  const home = findHousehold(uuid);
  if (!one || !home) return missingPage();
  return {
    title: `${home.head}户 · 走访`,
    back: `#/home/${uuid}`,
    body: formPage({
      kind: "visit",
      draft: `visit/${uuid}`,
      about: uuid,
      html: one.html,
      photos: true,
      head: [
        make("h1", `${home.head}户：登记走访`),
        make("p", one.kind + (one.last ? ` · 上次走访 ${dayWords(one.last)}` : "")),
      ],
      values: { on: today() },
      content: { household: uuid },
      label: () => `${home.head}户`,
      told: () => "走访",
      save: "存好了，下一项",
      next: "#/",
    }),
  };
}
