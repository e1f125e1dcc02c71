// Ask caniemail whether the golden mails are laid out alike where our readers read: `make mail-check`.
// Usage: node check.mjs FOLDER_WITH_NODE_MODULES MAIL.html...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, ...mails] = process.argv.slice(2);
const found = createRequire(join(folder, "package.json")).resolve("caniemail");
const { caniemail } = await import(pathToFileURL(found));

const CLIENTS = ["gmail.*", "outlook.*", "apple-mail.*", "orange.*", "sfr.*", "laposte.*"];
// What is lost there without the layout changing: rules for telephones and the night, what screen readers are told, the hidden
// line beside the subject, and what a mailto: link opens.
const HARMLESS = new Set([
  "@media", "<style> element", "<body> element", "display:none", "text-decoration", "mailto: links",
  "aria-hidden attribute", "aria-label attribute", "aria-roledescription attribute", "role attribute", "lang attribute",
]);

let broken = 0;
for (const mail of mails) {
  const { issues } = caniemail({ clients: CLIENTS, html: readFileSync(mail, "utf8") });
  for (const [client, list] of issues.errors) {
    const titles = new Set(list.map((issue) => issue.title).filter((title) => !HARMLESS.has(title)));
    for (const title of titles) {
      console.error(`${mail}: ${client} does not know ${title}`);
      broken += 1;
    }
  }
}
console.log(`${mails.length} mails, ${CLIENTS.length} families of programs, ${broken} unsupported properties of layout`);
process.exit(broken ? 1 : 0);
