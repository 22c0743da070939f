/* The page of an entry: 人均 while one types, the first fault brought into sight. The page works without it. */
import { showPerHead } from "./per_head.js";

showPerHead(document);

const fault = document.getElementById("fault") || document.querySelector(".field-error");
if (fault) fault.scrollIntoView({ block: "center" });
