/* Somebody has signed out in this browser: his pack, PIN and what is received go; what is unsent stays sealed. Where it is
   not known who, everybody's. */
(function () {
  "use strict";

  var H = window.Handheld;
  if (!H.canSeal) return;
  var who = null;
  try { who = sessionStorage.getItem("handheld-leaves"); } catch (error) { /* everybody */ }
  // A browser that never had the page of the phone gets no store by signing out.
  var there = indexedDB.databases ? indexedDB.databases().then(function (all) { return all.some(function (one) { return one.name === H.STORE; }); }) : Promise.resolve(true);
  there.then(async function (known) {
    if (!known) return;
    var people = await H.people();
    for (var i = 0; i < people.length; i++) if (!who || people[i].uuid === who) await H.forget(people[i].uuid);
  }).catch(function () { /* the days of the pack end it */ });
})();
