import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeLocalFile } from "./local-file.ts";

const root = mkdtempSync(join(tmpdir(), "skein-local-file-"));

test("a file is written with the folders above it", () => {
  const path = join(root, "a/b/c");
  writeLocalFile(path, Buffer.from("text"));
  expect(readFileSync(path, "utf8")).toBe("text");
});

test("what is in the way is named in the words of the system", () => {
  writeFileSync(join(root, "file"), "");
  expect(() => writeLocalFile(join(root, "file/below"), Buffer.of())).toThrow(
    `failed to transfer file to ${root}/file/below: [Errno 20] Not a directory: b'${root}/file/below'`,
  );
  expect(() => writeLocalFile(join(root, "file/below/that"), Buffer.of())).toThrow(
    `Unable to create local directories(${root}/file/below): [Errno 20] Not a directory: b'${root}/file/below'`,
  );
  expect(() => writeLocalFile(root, Buffer.of())).toThrow(
    `failed to transfer file to ${root}: [Errno 21] Is a directory: b'${root}'`,
  );
});

test.runIf(process.platform === "linux")("where no folder can be made, that ends", () => {
  expect(() => writeLocalFile("/proc/nope/x", Buffer.of())).toThrow(
    "Unable to create local directories(/proc/nope): [Errno 2] No such file or directory: b'/proc/nope'",
  );
});
