/* What one open page of the phone holds. */
export const phone = {
  me: null, // { person, key, token, pack, tag } while unlocked
  net: { on: navigator.onLine !== false },
  sendingNow: "", // the entry that is on its way
  saveDraftNow: null, // of the form on the screen
};
