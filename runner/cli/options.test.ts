import { describe, expect, it } from "vitest";
import { parseOptions, type Request, type RunOptions } from "./options.ts";
import { UsageError } from "./parse-flags.ts";

function parse(line: string): Request {
  return parseOptions(["node", ...line.split(" ")], {});
}

function optionsOf(line: string): RunOptions {
  const request = parse(`/usr/bin/skein-playbook ${line}`);
  if (request.kind !== "playbook") throw new Error(`${line} gave ${request.kind}`);
  return request.options;
}

describe("commands of the tools", () => {
  it.each(["pcap report a.pcap --port 22", "bench compare a.yml -i hosts --budget rtt=4"])(
    "are handed on as they are: %s",
    (line) => {
      expect(parse(`/usr/bin/skein ${line}`)).toEqual({ kind: "tools", args: line.split(" ") });
    },
  );
});

describe("flags of ansible-playbook mean what they mean there", () => {
  it.each<[line: string, meaning: Partial<RunOptions>]>([
    ["a.yml b.yml", { playbooks: ["a.yml", "b.yml"] }],
    ["-b a.yml -C b.yml", { playbooks: ["a.yml", "b.yml"], become: true, check: true }],
    ["a.yml -i hosts -ione,two,", { inventory: ["hosts", "one,two,"] }],
    ["a.yml --inventory-file=hosts", { inventory: ["hosts"] }],
    ["a.yml -l web:!db", { limit: "web:!db" }],
    ["a.yml -e x=1 -e @vars.yml", { extraVars: ["x=1", "@vars.yml"] }],
    ['a.yml --extra-vars={"x":1}', { extraVars: ['{"x":1}'] }],
    ["a.yml -f 20 -T 3", { forks: 20, timeout: 3 }],
    ["a.yml -u root -c local", { user: "root", connection: "local" }],
    [
      "a.yml -bK --become-user u --become-method su",
      { become: true, askBecomePass: true, becomeUser: "u", becomeMethod: "su" },
    ],
    ["a.yml --become-pass-file f", { becomePasswordFile: "f" }],
    ["a.yml -k", { askPass: true, connectionPasswordFile: undefined }],
    ["a.yml --conn-pass-file f", { connectionPasswordFile: "f" }],
    ["a.yml --private-key f", { privateKey: "f" }],
    ["a.yml --key-file f", { privateKey: "f" }],
    ["a.yml -t a,b --tags c", { tags: ["a", "b", "c"] }],
    ["a.yml --skip-tags a", { skipTags: ["a"], tags: undefined }],
    [
      "a.yml -D --force-handlers --flush-cache",
      { diff: true, forceHandlers: true, flushCache: true },
    ],
    ["a.yml -v -vv", { verbosity: 3 }],
    ["a.yml --verbose", { verbosity: 1 }],
    ["a.yml --list-hosts --list-tasks", { listHosts: true, listTasks: true, listTags: false }],
    ["a.yml --syntax-check", { syntaxCheck: true }],
    ["a.yml -M one:two -M three", { modulePath: ["three", "one", "two"] }],
    [
      "a.yml --ssh-common-args=-oA=b --ssh-extra-args -v",
      { sshCommonArgs: "-oA=b", sshExtraArgs: "-v" },
    ],
    ["a.yml --scp-extra-args x --sftp-extra-args y", { scpExtraArgs: "x", sftpExtraArgs: "y" }],
    ["a.yml --shards 4 --wire", { shards: 4, wire: true }],
    ["a.yml --diff --chec --limi x", { diff: true, check: true, limit: "x" }],
    ["-i hosts -- -odd.yml", { playbooks: ["-odd.yml"], inventory: ["hosts"] }],
  ])("%s", (line, meaning) => {
    expect(optionsOf(line)).toMatchObject(meaning);
  });

  it("leaves what is not given undefined, so that settings decide", () => {
    const { playbooks, extraVars, ...rest } = optionsOf("a.yml");
    expect([playbooks, extraVars]).toEqual([["a.yml"], []]);
    expect(new Set(Object.values(rest))).toEqual(new Set([undefined, false]));
  });

  it("freezes the options", () => {
    expect(Object.isFrozen(optionsOf("a.yml"))).toBe(true);
  });
});

describe("a wrong command line is an error that says what is wrong", () => {
  it.each<[line: string, message: string]>([
    ["skein-playbook", "skein-playbook: error: no playbook is given"],
    ["skein-playbook a.yml --nope", "unknown option '--nope'"],
    ["skein-playbook a.yml -i", "argument missing"],
    ["skein-playbook a.yml -f 0", '--forks takes a whole number of at least 1, not "0"'],
    ["skein-playbook a.yml -f many", '--forks takes a whole number of at least 1, not "many"'],
    ["skein-playbook a.yml --shards -1", '--shards takes a whole number of at least 1, not "-1"'],
    ["skein-playbook a.yml -k --connection-password-file f", "cannot be used with"],
    ["skein-playbook a.yml -K --become-pass-file f", "cannot be used with"],
    ["skein-playbook a.yml --li x", "--li is short for several options: --limit, --list-hosts"],
    ["skein playbook", "skein playbook: error: no playbook is given"],
    ["skein config dump -t connection", "use ansible-config dump -t connection"],
    ["skein config list -t nonsense", 'there is no type "nonsense"'],
    ["skein site.yml", "to run it: skein playbook site.yml"],
    [
      "skein localhost -m ping",
      'there is no command "localhost"; the commands are: playbook, inventory, config, bench, pcap, help',
    ],
    ["skein", "no command is given; use one of: playbook, inventory, config, bench, pcap, help"],
  ])("%s", (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });
});

describe("help and version are requests, too", () => {
  it.each<[line: string, kind: Request["kind"], text: string]>([
    ["skein --help", "help", "Commands:"],
    ["skein help", "help", "Commands:"],
    ["skein playbook -h", "help", "Usage: skein playbook [options] playbook..."],
    ["skein-playbook --help", "help", "Becoming another user:"],
    ["skein --version", "version", ""],
    ["skein-playbook --version", "version", ""],
    ["/opt/dist/cli.js playbook --version", "version", ""],
  ])("%s", (line, kind, text) => {
    const request = parse(line);
    expect(request.kind).toBe(kind);
    if (request.kind === "help") expect(request.text).toContain(text);
  });
});
