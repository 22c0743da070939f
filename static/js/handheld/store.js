/* The store on the phone. Nothing of a household lies here open.

   people   who has something on this phone: name, the store's number, its key and token wrapped under the PIN
   packs    the village's pack, sealed
   entries  what was filled in: number, state, digest and the sealed content; unsent ones outlive pack and PIN
   photos   pieces of an entry, sealed
   drafts   what is being typed, sealed
   device   a key that leaves this browser never, so that a copied store alone can't be tried out against PINs */
export const STORE = "fangpin-handheld";

let opening = null;

export function openStore() {
  if (!opening) {
    opening = window.idb
      .openDB(STORE, 1, {
        upgrade: (db) => {
          db.createObjectStore("people", { keyPath: "uuid" });
          db.createObjectStore("packs", { keyPath: "person" });
          db.createObjectStore("entries", { keyPath: "uuid" }).createIndex("person", "person");
          const photos = db.createObjectStore("photos", { keyPath: "uuid" });
          photos.createIndex("entry", "entry");
          photos.createIndex("person", "person");
          photos.createIndex("waits", "waits"); // person/entry, while it is not whole at the server
          db.createObjectStore("drafts", { keyPath: "key" });
          db.createObjectStore("device", { keyPath: "name" });
        },
        blocking: () => {
          opening.then((db) => {
            db.close();
          });
          opening = null;
        },
      })
      .catch((error) => {
        opening = null;
        throw error;
      });
  }
  return opening;
}
