/* A phone without a browser: a store in memory, a line that the test holds, a clock that runs when the test says so.
   Every page is a copy of the scripts of its own, as after a kill: nothing is left of the page before but the store. */
import { webcrypto } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runInThisContext } from "node:vm";
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";

const STATIC = fileURLToPath(new URL("../../static/", import.meta.url));
const MODULES = ["phone", "store", "sealing", "people", "vault", "clearing", "drafts", "server", "outbox"];
const ADDRESSES = { open: "/open/", pack: "/pack/", entries: "/entries/" };
ADDRESSES.photos = "/photos/00000000-0000-0000-0000-000000000000/";
export const DAY = 86400000;
export const PIN = "135790";

// Node 18 hides these two.
if (!globalThis.crypto) setGlobal("crypto", webcrypto);
if (!globalThis.CustomEvent) setGlobal("CustomEvent", class extends Event {});

const copies = mkdtempSync(join(tmpdir(), "phones-"));
after(() => rmSync(copies, { recursive: true }));
runInThisContext(readFileSync(join(STATIC, "vendor/idb.umd.js"), "utf8"));
const realNow = Date.now;
let pages = 0;

function setGlobal(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

export class Phone {
  constructor() {
    this.sent = []; // { url, method, headers, body } in the order of their arrival
    this.answer = () => json({ state: "received" });
    this.timers = new Map();
    this.kept = new Map();
    this.now = 0; // milliseconds that the clock is ahead
    this.navigator = { onLine: true };
    setGlobal("indexedDB", new IDBFactory());
    setGlobal("navigator", this.navigator);
    setGlobal("fetch", (url, options) => this.pass(url, options));
    setGlobal("localStorage", {
      getItem: (name) => (this.kept.has(name) ? this.kept.get(name) : null),
      setItem: (name, value) => this.kept.set(name, value),
    });
    let numbers = 0;
    setGlobal("setTimeout", (work, wait) => {
      numbers += 1;
      this.timers.set(numbers, { work, wait });
      return numbers;
    });
    setGlobal("clearTimeout", (number) => this.timers.delete(number));
    setGlobal("setInterval", () => 0);
    Date.now = () => realNow() + this.now;
  }

  async pass(url, options) {
    const request = { url, method: options.method || "GET", headers: options.headers, body: options.body };
    request.credentials = options.credentials;
    const words = typeof options.body === "string" ? JSON.parse(options.body) : null;
    this.sent.push({ ...request, words });
    return this.answer({ ...request, words });
  }

  /* A page of its own over the same store. */
  async open() {
    pages += 1;
    const folder = join(copies, String(pages));
    cpSync(join(STATIC, "js"), folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{"type": "module"}');
    this.timers.clear();
    const { crypto, indexedDB, idb } = globalThis;
    setGlobal("window", Object.assign(new EventTarget(), { crypto, indexedDB, idb }));
    setGlobal("document", Object.assign(new EventTarget(), { body: { dataset: ADDRESSES }, hidden: false }));
    const page = {};
    for (const name of MODULES) {
      Object.assign(page, await import(pathToFileURL(join(folder, "handheld", `${name}.js`))));
    }
    return page;
  }

  /* The waits after which the page will do something by itself. */
  get waits() {
    return Array.from(this.timers.values(), (timer) => timer.wait);
  }

  entries() {
    return this.sent.filter((request) => request.url === "/entries/");
  }
}

export function json(body, status = 200, headers = {}) {
  return new Response(JSON.stringify(body), { status, headers });
}

export function cut() {
  throw new TypeError("Failed to fetch");
}

/* What the server answers to a name and a password: always the same key for the same person. */
export function person(letter) {
  const key = Buffer.from(letter.repeat(32)).toString("base64");
  return {
    person: { uuid: `person-${letter}`, name: `支书${letter}` },
    key,
    token: `token-${letter}`,
    phone: `phone-${letter}`,
  };
}

export async function signIn(page, letter = "a", pin = PIN) {
  await page.keepPerson(person(letter), `user-${letter}`, pin);
}

export function entry(words, about = "home-1") {
  return {
    content: { kind: "entry", fields: { words } },
    about,
    label: { title: `${words}户`, told: "未发现风险" },
  };
}

export function pack(more = {}) {
  return {
    village: { code: "450000", name: "蓝村" },
    keep_days: 7,
    ends_on: "2099-12-31",
    mine: [],
    ...more,
  };
}

/* Everything that lies in the store, as words; bytes as letters where they are letters. */
export async function everything(page) {
  const db = await page.openStore();
  const rows = [];
  for (const name of db.objectStoreNames) rows.push(...(await db.getAll(name)));
  return JSON.stringify(rows, (_name, value) => {
    if (value instanceof ArrayBuffer) return Buffer.from(value).toString("latin1");
    if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer).toString("latin1");
    return value;
  });
}
