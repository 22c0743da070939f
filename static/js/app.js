/* What the pages need beyond Bootstrap and htmx. Everything works by attribute and event delegation, so fragments
   that htmx brings in need no start-up. No eval, no inline handlers; every page also works without this file.

   The order matters: each module listens to the document as it is read, and a question comes before the sending. */
import "./app/confirm.js";
import "./app/sending.js";
import "./app/fields.js";
import "./app/filters.js";
import "./app/files.js";
import "./app/rows.js";
import "./app/failures.js";
import "./app/picks.js";
import "./app/layout.js";
