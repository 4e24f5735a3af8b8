import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { copyTree } from "./copy-tree.ts";

const root = mkdtempSync(join(tmpdir(), "skein-copy-tree-"));
mkdirSync(join(root, "top/sub"), { recursive: true });
mkdirSync(join(root, "other"));
writeFileSync(join(root, "top/file"), "");
writeFileSync(join(root, "other/deep"), "");
const links = {
  "top/to-file": "file",
  "top/to-other": "../other",
  "top/nowhere": "none",
  "top/itself": "itself",
  "top/sub/up": "..",
  "other/back": "../top",
};
for (const [path, target] of Object.entries(links)) symlinkSync(target, join(root, path));

test("links are followed, but for those that lead nowhere or to where they stand", () => {
  const tree = copyTree(join(root, "top/"), true);
  expect(tree.files.map((file) => file.relative)).toEqual(["file", "to-file", "to-other/deep"]);
  expect(tree.folders).toEqual(["to-other", "sub"]);
  expect(tree.links).toEqual([
    { target: "itself", relative: "itself" },
    { target: "none", relative: "nowhere" },
    { target: "../top", relative: "to-other/back" },
    { target: "..", relative: "sub/up" },
  ]);
});

test("a folder without a slash is copied itself, and links as they are on request", () => {
  const tree = copyTree(join(root, "top"), false);
  expect(tree.folders).toEqual(["top", "top/sub"]);
  expect(tree.files).toEqual([{ path: join(root, "top/file"), relative: "top/file" }]);
  expect(tree.links.map((link) => link.relative)).toEqual([
    "top/itself",
    "top/nowhere",
    "top/to-file",
    "top/to-other",
    "top/sub/up",
  ]);
});
