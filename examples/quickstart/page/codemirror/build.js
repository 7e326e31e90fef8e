// Bundles index.js, and writes the licence of each package in the bundle. Run by `cargo xtask vendor`, in a folder with the packages.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const [output] = process.argv.slice(2);
const { metafile } = await build({
  entryPoints: ["index.js"],
  outfile: `${output}/codemirror.js`,
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "CodeMirror",
  target: "es2022",
  legalComments: "none",
  charset: "utf8",
  metafile: true,
  banner: { js: "// CodeMirror 6, built by `cargo xtask vendor`. Licences: LICENSES.txt" },
});

const folders = Object.keys(metafile.inputs).map((file) => file.match(/^node_modules\/(@[^/]+\/)?[^/]+/)?.[0]);
const packages = [...new Set(folders.filter(Boolean))].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} has no licence file`);
  return { title: `${name} ${version} (${license})`, text: readFileSync(`${folder}/${file}`, "utf8").trim() };
});
const list = packages.map(({ title }) => `* ${title}`).join("\n");
const texts = packages.map(({ title, text }) => `${"=".repeat(72)}\n${title}\n${"=".repeat(72)}\n\n${text}`).join("\n\n");
writeFileSync(`${output}/LICENSES.txt`, `codemirror.js contains these packages:\n\n${list}\n\n${texts}\n`);
