/* Keeps the page of the field work and its files, so that it opens without a network. Nothing of anybody is kept here:
   the village's pack lies sealed in the page's own store. Another version of any file is another worker. */
"use strict";
var KEPT = "handheld-{{ version }}", PAGE = "{{ page }}";
var FILES = [PAGE{% for file in files %}, "{{ file }}"{% endfor %}];

self.addEventListener("install", function (event) {
  event.waitUntil(caches.open(KEPT).then(function (cache) {
    return Promise.all(FILES.map(function (file) {
      // The files have their version in their names, or are asked after: what the page has just fetched comes once.
      return fetch(new Request(file, { cache: file === PAGE ? "reload" : "default", credentials: "same-origin" })).then(function (answer) {
        if (!answer.ok) throw new Error(file + " " + answer.status);
        return cache.put(file, answer);
      });
    }));
  }));
});

self.addEventListener("activate", function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.filter(function (name) { return name.indexOf("handheld-") === 0 && name !== KEPT; })
      .map(function (name) { return caches.delete(name); }));
  }).then(function () { return self.clients.claim(); }));
});

self.addEventListener("message", function (event) {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", function (event) {
  var address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  var file = address.pathname === PAGE ? PAGE : address.pathname;
  if (FILES.indexOf(file) < 0) return;
  event.respondWith(caches.open(KEPT).then(function (cache) {
    return cache.match(file).then(function (kept) { return kept || fetch(event.request); });
  }));
});
