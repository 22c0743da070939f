/* The store on the phone: sealed by person, opened with a PIN or the password. Nothing of a household lies here open.

   people   who has something on this phone: name, the store's number, its key and token wrapped under the PIN
   packs    the village's pack, sealed
   entries  what was filled in: number, state, digest and the sealed content; unsent ones outlive pack and PIN
   photos   pieces of an entry, sealed
   drafts   what is being typed, sealed
   device   a key that leaves this browser never, so that a copied store alone can't be tried out against PINs */
(function () {
  "use strict";

  var H = window.Handheld = window.Handheld || {};
  var TRIES = 5, ROUNDS = 310000, DAY = 86400000;
  var opened = null;

  H.me = null; // { person, key, token, pack, tag } while unlocked
  H.TRIES = TRIES;
  H.STORE = "fangpin-handheld";

  function base() {
    if (!opened) {
      opened = window.idb.openDB(H.STORE, 1, {
        upgrade: function (db) {
          db.createObjectStore("people", { keyPath: "uuid" });
          db.createObjectStore("packs", { keyPath: "person" });
          db.createObjectStore("entries", { keyPath: "uuid" }).createIndex("person", "person");
          var photos = db.createObjectStore("photos", { keyPath: "uuid" });
          photos.createIndex("entry", "entry");
          photos.createIndex("person", "person");
          photos.createIndex("waits", "waits"); // person/entry, while it is not whole at the server
          db.createObjectStore("drafts", { keyPath: "key" });
          db.createObjectStore("device", { keyPath: "name" });
        },
        blocking: function () { opened.then(function (db) { db.close(); }); opened = null; }
      }).catch(function (error) { opened = null; throw error; });
    }
    return opened;
  }
  H.base = base;

  /* ---- Sealing ---- */
  var subtle = window.crypto && window.crypto.subtle, encoder = new TextEncoder(), decoder = new TextDecoder();
  H.canSeal = !!subtle && !!window.indexedDB;

  function random(count) { return window.crypto.getRandomValues(new Uint8Array(count)); }

  function fromBase64(words) {
    var raw = atob(words), bytes = new Uint8Array(raw.length);
    for (var i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return bytes;
  }

  async function seal(key, bytes, place) {
    var iv = random(12);
    var data = await subtle.encrypt({ name: "AES-GCM", iv: iv, additionalData: encoder.encode(place) }, key, bytes);
    return { iv: iv, data: data };
  }
  async function unseal(key, sealed, place) {
    return subtle.decrypt({ name: "AES-GCM", iv: sealed.iv, additionalData: encoder.encode(place) }, key, sealed.data);
  }
  H.sealBytes = seal;
  H.unsealBytes = unseal;
  H.sealJson = function (key, value, place) { return seal(key, encoder.encode(JSON.stringify(value)), place); };
  H.unsealJson = async function (key, sealed, place) { return JSON.parse(decoder.decode(await unseal(key, sealed, place))); };
  H.digest = async function (bytes) {
    var found = new Uint8Array(await subtle.digest("SHA-256", bytes));
    return Array.prototype.map.call(found, function (b) { return ("0" + b.toString(16)).slice(-2); }).join("");
  };
  H.bytes = function (words) { return encoder.encode(words); };
  H.uuid = function () {
    var b = random(16);
    b[6] = b[6] & 15 | 64; b[8] = b[8] & 63 | 128;
    var hex = Array.prototype.map.call(b, function (n) { return ("0" + n.toString(16)).slice(-2); }).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  async function deviceKey() {
    var db = await base(), kept = await db.get("device", "pepper");
    if (kept) return kept.key;
    var key = await subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    var tx = db.transaction("device", "readwrite"), now = await tx.store.get("pepper");
    if (!now) await tx.store.put({ name: "pepper", key: key }); // another page may have been first
    await tx.done;
    return now ? now.key : key;
  }

  async function pinKey(pin, salt, rounds) {
    var slow = await subtle.importKey("raw", encoder.encode(pin), "PBKDF2", false, ["deriveBits"]);
    var bits = await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: salt, iterations: rounds }, slow, 256);
    var bound = await subtle.sign("HMAC", await deviceKey(), bits);
    return subtle.importKey("raw", bound, "AES-GCM", false, ["encrypt", "decrypt"]);
  }

  function contentKey(words) {
    return subtle.importKey("raw", fromBase64(words), "AES-GCM", false, ["encrypt", "decrypt"]);
  }

  /* ---- People ---- */
  H.people = async function () {
    var db = await base(), people = await db.getAll("people");
    for (var i = 0; i < people.length; i++) people[i].unsent = await H.unsentOf(people[i].uuid);
    return people.sort(function (a, b) { return (b.usedAt || 0) - (a.usedAt || 0); });
  };

  H.unsentOf = async function (person) {
    var db = await base(), entries = await db.getAllFromIndex("entries", "person", person), waiting = await H.photosLeft(person);
    entries.forEach(function (entry) { if (entry.state === "here" || entry.state === "stuck") waiting[entry.uuid] = 1; });
    return Object.keys(waiting).length;
  };

  /* Entry → how many of its photos are not whole at the server. Keys alone: no photo is read for a count. */
  H.photosLeft = async function (person) {
    var found = {}, range = IDBKeyRange.bound(person + "/", person + "/\uffff");
    var cursor = await (await base()).transaction("photos").store.index("waits").openKeyCursor(range);
    while (cursor) {
      var entry = cursor.key.slice(person.length + 1);
      found[entry] = (found[entry] || 0) + 1;
      cursor = await cursor.continue();
    }
    return found;
  };

  async function countUnsent() {
    var people = await H.people(), sum = people.reduce(function (n, person) { return n + person.unsent; }, 0);
    try { localStorage.setItem("handheld-unsent", String(sum)); } catch (error) { /* the browser keeps nothing: it is only told */ }
    return sum;
  }
  H.countUnsent = countUnsent;

  /* After the password was right: the key and token come from the server and are wrapped under the PIN. */
  H.settleIn = async function (answer, username, pin) {
    var db = await base(), salt = random(16), person = answer.person.uuid;
    var wrapping = await pinKey(pin, salt, ROUNDS);
    var wrapped = await H.sealJson(wrapping, { key: answer.key, token: answer.token }, person + "/key");
    var known = await db.get("people", person) || {};
    var record = {
      uuid: person, name: answer.person.name, username: username, phone: answer.phone, salt: salt, rounds: ROUNDS,
      wrapped: wrapped, tries: 0, usedAt: Date.now(), latest: Math.max(Date.now(), known.latest || 0)
    };
    await db.put("people", record);
    await take(record, { key: answer.key, token: answer.token });
  };

  async function take(record, secret) {
    H.me = { person: record, key: await contentKey(secret.key), token: secret.token, pack: null, tag: "" };
    await keepTime();
    var db = await base(), kept = await db.get("packs", record.uuid);
    if (!kept) return;
    try {
      H.me.pack = await H.unsealJson(H.me.key, kept, record.uuid + "/pack");
      H.me.tag = kept.tag;
      H.me.packAt = kept.at;
    } catch (error) { await H.wipePack(record.uuid); }
  }

  /* Opens with the PIN. The try is written down before it is made, so that killing the browser gives none back.
     Answers "" or what to say. */
  H.unlock = async function (uuid, pin) {
    var db = await base(), tx = db.transaction("people", "readwrite"), record = await tx.store.get(uuid);
    if (!record || !record.wrapped) { await tx.done; return "手机上没有可以打开的资料，请用密码登录。"; }
    record.tries += 1;
    await tx.store.put(record);
    await tx.done;
    if (record.tries > TRIES) { await H.forget(uuid); return "试错太多次，村里的资料已从手机上清除。没有上传的记录还封存着，请用密码登录。"; }
    try {
      var secret = await H.unsealJson(await pinKey(pin, record.salt, record.rounds), record.wrapped, uuid + "/key");
      record.tries = 0;
      record.usedAt = Date.now();
      await db.put("people", record);
      await take(record, secret);
      return "";
    } catch (error) {
      var left = TRIES - record.tries;
      if (left > 0) return "密码锁不对，还可以试 " + left + " 次。";
      await H.forget(uuid);
      return "试错太多次，村里的资料已从手机上清除。没有上传的记录还封存着，请用密码登录。";
    }
  };

  H.lock = function () { H.me = null; };

  /* A clock that was turned back keeps nothing longer: time on this phone only goes forward. */
  async function keepTime() {
    var db = await base(), record = await db.get("people", H.me.person.uuid);
    record.latest = Math.max(record.latest || 0, Date.now());
    await db.put("people", record);
    H.me.person.latest = record.latest;
  }

  /* ---- The pack ---- */
  H.keepPack = async function (pack, tag) {
    var person = H.me.person.uuid, sealed = await H.sealJson(H.me.key, pack, person + "/pack");
    var db = await base();
    await db.put("packs", {
      person: person, iv: sealed.iv, data: sealed.data, tag: tag, at: Date.now(), ends: pack.ends_on,
      until: Date.now() + pack.keep_days * DAY
    });
    H.me.pack = pack;
    H.me.tag = tag;
    H.me.packAt = Date.now();
  };

  H.stillFresh = async function () {
    var db = await base(), kept = await db.get("packs", H.me.person.uuid);
    if (kept && H.me.pack) {
      kept.at = Date.now();
      kept.until = Date.now() + H.me.pack.keep_days * DAY;
      await db.put("packs", kept);
      H.me.packAt = kept.at;
    }
  };

  H.wipePack = async function (person) {
    var db = await base(), tx = db.transaction(["packs", "drafts"], "readwrite");
    await tx.objectStore("packs").delete(person);
    await tx.done;
    if (H.me && H.me.person.uuid === person) { H.me.pack = null; H.me.tag = ""; }
  };

  /* Pack, PIN and what is received go; what is unsent stays sealed until its author signs in with the password. */
  H.forget = async function (person) {
    var db = await base(), tx = db.transaction(["people", "packs", "entries", "photos", "drafts"], "readwrite");
    var record = await tx.objectStore("people").get(person), waits = {};
    var photos = await tx.objectStore("photos").index("person").getAll(person);
    photos.forEach(function (photo) { if (!photo.done) waits[photo.entry] = 1; });
    var entries = await tx.objectStore("entries").index("person").getAll(person);
    var left = 0;
    for (var i = 0; i < entries.length; i++) {
      if (entries[i].state === "here" || entries[i].state === "stuck" || waits[entries[i].uuid]) left += 1;
      else await tx.objectStore("entries").delete(entries[i].uuid);
    }
    for (i = 0; i < photos.length; i++) if (photos[i].done) await tx.objectStore("photos").delete(photos[i].uuid);
    var drafts = await tx.objectStore("drafts").getAllKeys();
    for (i = 0; i < drafts.length; i++) if (drafts[i].indexOf(person + "/") === 0) left += 1;
    await tx.objectStore("packs").delete(person);
    if (left && record) { record.wrapped = null; record.tries = 0; await tx.objectStore("people").put(record); }
    else await tx.objectStore("people").delete(person);
    await tx.done;
    if (H.me && H.me.person.uuid === person) H.me = null;
    return countUnsent();
  };

  /* Everybody's pack whose days are over or whose duty has ended, at every opening; no PIN is needed for that. */
  H.wipeOld = async function () {
    var db = await base(), packs = await db.getAll("packs"), gone = [];
    for (var i = 0; i < packs.length; i++) {
      var person = await db.get("people", packs[i].person);
      var now = Math.max(Date.now(), person && person.latest || 0), last = packs[i].ends ? Date.parse(packs[i].ends + "T23:59:59+08:00") : Infinity;
      if (now > packs[i].until || now > last) { await H.wipePack(packs[i].person); gone.push(packs[i].person); }
    }
    return gone;
  };

  /* ---- Drafts ---- */
  H.keepDraft = async function (name, value) {
    if (!H.me) return;
    var key = H.me.person.uuid + "/" + name, sealed = await H.sealJson(H.me.key, value, key), db = await base();
    await db.put("drafts", { key: key, iv: sealed.iv, data: sealed.data, at: Date.now() });
  };
  H.draft = async function (name) {
    var key = H.me.person.uuid + "/" + name, db = await base(), kept = await db.get("drafts", key);
    if (!kept) return null;
    try { return await H.unsealJson(H.me.key, kept, key); } catch (error) { return null; }
  };
  H.drafts = async function () {
    var db = await base(), start = H.me.person.uuid + "/";
    return (await db.getAllKeys("drafts")).filter(function (key) { return key.indexOf(start) === 0 && key.indexOf("#") < 0; })
      .map(function (key) { return key.slice(start.length); });
  };
  H.dropDraft = async function (name) {
    var db = await base();
    await db.delete("drafts", H.me.person.uuid + "/" + name);
  };
})();
