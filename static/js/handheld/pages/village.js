/* The village, and how far it is. */
import { addTo, icon, make, note } from "../../elements.js";
import { listDrafts } from "../drafts.js";
import { listEntries } from "../outbox.js";
import { householdRow } from "./household.js";
import {
  dayWords,
  findEntry,
  findHamlet,
  findHousehold,
  findTask,
  households,
  stateSentence,
  untilWords,
} from "./parts.js";
import { phone } from "../phone.js";

export async function villagePage() {
  const pack = phone.me.pack;
  const mine = await listEntries();
  const drafts = await listDrafts();
  const round = pack.round;
  const open = pack.tasks.filter((one) => !findEntry(mine, "verification", one.uuid) && !one.answered);
  const search = make("input.form-control", {
    type: "search",
    placeholder: "户主或家里人的姓名",
    "aria-label": "查找农户",
    autocomplete: "off",
    maxlength: "20",
  });
  const matches = make("div");
  search.addEventListener("input", () => {
    const words = search.value.trim();
    matches.textContent = "";
    if (!words) return;
    const rows = households()
      .filter(
        (home) => home.head.indexOf(words) >= 0 || home.members.some((one) => one[1].indexOf(words) >= 0),
      )
      .slice(0, 20);
    addTo(
      matches,
      rows.length
        ? rows.map((home) => householdRow(home, mine))
        : make("p.field-foot.muted", "本村户册里没有找到。确实没有的，点“户册里没有的户”。"),
    );
  });
  return {
    title: pack.village.name + (round ? ` · ${round.label.replace(/^\d+\s*年/, "")}` : ""),
    body: [
      make(
        "div.field-intro",
        make("h1", "入户排查"),
        make(
          "p",
          round
            ? progressWords(pack, mine) + (round.open && round.due ? ` · ${untilWords(round.due)}` : "")
            : "现在没有开启的季度排查。",
        ),
        round &&
          !round.open &&
          note("warning", `${round.label + round.state}。现在填的会收下，转给乡镇处理。`),
        make("div.field-search-one", search),
        matches,
        round &&
          make(
            "div.field-acts",
            make("a.btn.btn-outline-primary", { href: "#/new" }, "户册里没有的户"),
            make("a.btn.btn-outline-primary", { href: "#/outbox" }, `我填的（${mine.length}）`),
          ),
      ),
      drafts.length > 0 &&
        make(
          "section",
          { "aria-label": "没填完的" },
          make("div.field-head", make("h2", "没填完的")),
          drafts.map((name) => draftRow(name)),
        ),
      open.length > 0 &&
        make(
          "section",
          { "aria-label": "要核实的" },
          make("div.field-head", make("h2", "要核实"), make("span.muted", `${open.length} 户`)),
          open.map(taskRow),
        ),
      visitRows(pack, mine),
      pack.hamlets.length > 0 &&
        make("div.field-head", make("h2", "各屯"), make("span.muted", `${households().length} 户`)),
      pack.hamlets.map((one) => hamletRow(one, mine)),
      !pack.hamlets.length && make("p.field-foot.muted", "户册里还没有屯，请联系乡镇补上。"),
      households().some((home) => !home.hamlet) &&
        make(
          "a.field-item",
          { href: "#/hamlet/none" },
          make(
            "span.grow",
            make("b", "没有登记屯的户"),
            make("span.sub", `${households().filter((home) => !home.hamlet).length} 户`),
          ),
          icon("chevron-right"),
        ),
      make("p.field-foot", make("a", { href: "#/more" }, "更多：更新资料、存储、退出")),
    ],
  };
}

function progressWords(pack, mine) {
  const done = pack.hamlets.filter((one) => one.signed || findEntry(mine, "signoff", one.pk)).length;
  return `${pack.hamlets.length} 个屯，已确认 ${done} 个`;
}

function draftRow(name) {
  const parts = name.split("/");
  const home = findHousehold(parts[1]);
  const words = {
    entry: "入户排查",
    new: "户册里没有的户",
    task: "核实",
    visit: "走访",
    signoff: "本屯确认",
  }[parts[0]];
  const about = home
    ? `${home.head}户 · `
    : parts[0] === "signoff" && findHamlet(parts[1])
      ? `${findHamlet(parts[1]).name} · `
      : parts[0] === "task" && findTask(parts[1]) && findHousehold(findTask(parts[1]).household)
        ? `${findHousehold(findTask(parts[1]).household).head}户 · `
        : "";
  return make(
    "a.field-item",
    { href: `#/${name}` },
    make("span.field-mark", icon("pencil")),
    make("span.grow", make("b", about + words), make("span.sub", "没填完，点开接着填")),
    icon("chevron-right"),
  );
}

function taskRow(one) {
  const home = findHousehold(one.household);
  return make(
    "a.field-item",
    { href: `#/task/${one.uuid}` },
    make(
      "span.grow",
      make("b", home ? home.head : "（不在户册里）"),
      home && make("span.muted", ` ${home.size} 人`),
      make("span.sub", one.tags.join("、") + (one.due ? ` · ${untilWords(one.due)}` : "")),
    ),
    icon("chevron-right"),
  );
}

function visitRows(pack, mine) {
  if (!pack.cases.length) return null;
  return make(
    "section",
    { "aria-label": "跟踪走访" },
    make(
      "details.field-fold",
      make("summary", make("b", "跟踪走访"), make("span.muted", ` ${pack.cases.length} 户`)),
      pack.cases.map((one) => {
        const home = findHousehold(one.household);
        const sent = findEntry(mine, "visit", one.household);
        return make(
          "a.field-item",
          { href: `#/visit/${one.household}` },
          make(
            "span.grow",
            make("b", home ? home.head : ""),
            make(
              "span.sub",
              `${one.kind} · ${sent ? `走访 ${stateSentence(sent)}` : one.last ? `上次走访 ${dayWords(one.last)}` : "还没有走访过"}`,
            ),
          ),
          icon("chevron-right"),
        );
      }),
    ),
  );
}

function hamletRow(one, mine) {
  const homes = households().filter((home) => home.hamlet === one.pk);
  const sent = findEntry(mine, "signoff", one.pk);
  const some = homes.filter((home) => {
    const own = findEntry(mine, "entry", home.uuid);
    return own ? own.label.told !== "未发现风险" : home.last && home.last.uuid && !home.last.clear;
  }).length;
  const waits = homes.filter((home) => {
    const own = findEntry(mine, "entry", home.uuid);
    return own && (own.state === "here" || own.state === "stuck");
  }).length;
  const state = one.signed
    ? `已确认 ${dayWords(one.signed.on)}`
    : sent
      ? `确认${stateSentence(sent)}`
      : "还没有确认";
  return make(
    "a.field-item",
    { href: `#/hamlet/${one.pk}` },
    one.signed || sent ? make("span.field-mark", icon("check-lg")) : make("span.field-mark", icon("people")),
    make(
      "span.grow",
      make("b", one.name),
      make("span.muted", ` ${homes.length} 户`),
      make("span.sub", state + (some ? ` · 有情况 ${some} 户` : "") + (waits ? ` · 待上传 ${waits} 户` : "")),
    ),
    icon("chevron-right"),
  );
}
