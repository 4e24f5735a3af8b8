import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { OpenSshSpec, SshSpec } from "../spec.ts";
import { splitArguments } from "./arguments.ts";
import { parseConfigFile, splitWords } from "./config-file.ts";
import { resolveSsh, type SshRequest, type SshWorld } from "./resolve-ssh.ts";
import { createSshWorld } from "./ssh-world.ts";

const request: SshRequest = {
  name: "web1",
  host: "web1",
  port: undefined,
  user: undefined,
  password: undefined,
  privateKeyFile: undefined,
  hostKeyChecking: undefined,
  connectTimeout: 10,
  firstArgs: "-C -o ControlMaster=auto -o ControlPersist=60s",
  lastArgs: "",
  executable: "ssh",
  pythons: ["python3"],
};

/** A world whose only files are given here. */
function worldOf(files: Readonly<Record<string, string>>, env = {}): SshWorld {
  return {
    home: "/home/me",
    user: "me",
    env,
    configFile: (path) => parseConfigFile(files[path] ?? "", path),
    glob: (pattern) => Object.keys(files).filter((file) => file === pattern),
  };
}

const withConfig = (text: string): SshWorld => worldOf({ "/home/me/.ssh/config": text });

function inProcess(more: Partial<SshRequest>, world: SshWorld): SshSpec {
  const spec = resolveSsh({ ...request, ...more }, world);
  if (spec.kind !== "ssh") throw new Error(`an ssh process: ${spec.why}`);
  return spec;
}

describe("resolveSsh()", () => {
  test("what nobody says is what ssh takes by itself", () => {
    expect(inProcess({}, worldOf({}))).toEqual({
      kind: "ssh",
      name: "web1",
      host: "web1",
      port: 22,
      user: "me",
      privateKeys: ["id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk"].map(
        (name) => `/home/me/.ssh/${name}`,
      ),
      hostKeyChecking: true,
      knownHostsFiles: [
        "/home/me/.ssh/known_hosts",
        "/home/me/.ssh/known_hosts2",
        "/etc/ssh/ssh_known_hosts",
        "/etc/ssh/ssh_known_hosts2",
      ],
      connectTimeout: 10,
      pythons: ["python3"],
    });
  });

  const config = `
Host web* !web9
  HostName %h.example.org
  Port 2200
  User deploy
  IdentityFile ~/.ssh/%r@%h
  StrictHostKeyChecking accept-new
  UserKnownHostsFile ~/.ssh/known_web /dev/null
  GlobalKnownHostsFile none
  HostKeyAlias fleet
Match originalhost web2 user deploy
  IdentityFile ~/second
Host *
  Port 22022
  IdentitiesOnly yes
`;
  test("the first value that applies counts, identities add up, tokens are replaced", () => {
    expect(inProcess({ host: "web2" }, withConfig(config))).toMatchObject({
      host: "web2.example.org",
      port: 2200,
      user: "deploy",
      privateKeys: ["/home/me/.ssh/deploy@web2.example.org", "/home/me/second"],
      identitiesOnly: true,
      hostKeyChecking: "accept-new",
      knownHostsFiles: ["/home/me/.ssh/known_web", "/dev/null"],
      hostKeyAlias: "fleet",
    });
    expect(inProcess({ host: "web9" }, withConfig(config))).toMatchObject({
      host: "web9",
      port: 22022,
      user: "me",
    });
  });

  test("first arguments, then the inventory, then last arguments, then the files", () => {
    const world = withConfig("Host *\n Port 4\n User four\n ConnectTimeout 4\n");
    const more = { port: 2, firstArgs: "-o Port=1", lastArgs: "-l three -p3" };
    expect(inProcess(more, world)).toMatchObject({ port: 1, user: "three", connectTimeout: 4 });
    expect(inProcess({ ...more, firstArgs: "" }, world).port).toBe(2);
  });

  test("includes are read where they stand, -F replaces all files", () => {
    const files = {
      "/home/me/.ssh/config": "Host web1\n Include extra\nHost *\n User late\n",
      "/home/me/.ssh/extra": "User extra\n",
      "/elsewhere": "User other\n",
    };
    expect(inProcess({}, worldOf(files)).user).toBe("extra");
    expect(inProcess({ host: "db" }, worldOf(files)).user).toBe("late");
    expect(inProcess({ lastArgs: "-F /elsewhere" }, worldOf(files)).user).toBe("other");
    expect(inProcess({ lastArgs: "-F none" }, worldOf(files)).user).toBe("me");
  });

  test("jumps take their own settings from the files, and each leads through those before it", () => {
    const world = withConfig("Host gate\n HostName gate.example.org\n User keeper\n");
    const { proxy } = inProcess({ lastArgs: "-J one@first:2201,gate" }, world);
    expect(proxy).toMatchObject({
      kind: "jump",
      via: {
        host: "gate.example.org",
        user: "keeper",
        proxy: { kind: "jump", via: { host: "first", user: "one", port: 2201 } },
      },
    });
  });

  test("a file that is named is for the jumps, too", () => {
    const files = { "/elsewhere": "Host gate\n Port 2202\nHost web1\n ProxyJump gate\n" };
    const { proxy } = inProcess({ lastArgs: "-F /elsewhere" }, worldOf(files));
    expect(proxy).toMatchObject({ via: { host: "gate", port: 2202 } });
  });

  test("a proxy command gets its tokens, and 'none' takes it back", () => {
    const command = "-o ProxyCommand='nc -x proxy:1080 %h %p'";
    const { proxy } = inProcess({ lastArgs: command, port: 2222 }, worldOf({}));
    expect(proxy).toEqual({ kind: "command", command: "nc -x proxy:1080 web1 2222" });
    expect(
      inProcess({ lastArgs: "-o ProxyCommand=none" }, withConfig("ProxyJump gate")).proxy,
    ).toBeUndefined();
  });

  test("a circle of jumps is an error", () => {
    const world = withConfig("Host *\n ProxyJump gate\n");
    expect(() => resolveSsh(request, world)).toThrow(
      "gate: more than 8 jumps: ProxyJump leads in a circle",
    );
  });

  test("an agent is forwarded when there is one", () => {
    const env = { SSH_AUTH_SOCK: "/run/agent" };
    expect(inProcess({ lastArgs: "-A" }, worldOf({}, env))).toMatchObject({
      agentSocket: "/run/agent",
      agentForward: true,
    });
    expect(inProcess({ lastArgs: "-A" }, worldOf({})).agentForward).toBeUndefined();
  });

  test.each([
    ["a certificate", { lastArgs: "-o CertificateFile=~/c" }, "", "certificatefile ~/c"],
    ["an unknown flag", { lastArgs: "-Y" }, "", "the ssh arguments -Y"],
    ["a program", {}, "Match exec true\n", "Match exec (/home/me/.ssh/config:1)"],
    ["another ssh", { executable: "/opt/ssh" }, "", "ssh is /opt/ssh"],
    ["chosen ciphers", {}, "Ciphers aes128-cbc", "ciphers aes128-cbc"],
  ])("%s is left to an ssh process", (_, more, text, why) => {
    const spec = resolveSsh({ ...request, port: 23, ...more }, withConfig(text)) as OpenSshSpec;
    expect(spec).toMatchObject({ kind: "openssh", why, host: "web1" });
    expect(spec.argv).toContain('port="23"');
    expect(spec.argv).toContain("BatchMode=yes");
  });

  test("a password cannot go to an ssh process, and the error says why there is one", () => {
    expect(() => resolveSsh({ ...request, password: "x", lastArgs: "-Y" }, worldOf({}))).toThrow(
      "web1: a password cannot be given to an ssh process, which this connection needs because of: the ssh arguments -Y.",
    );
  });
});

describe.skipIf(!existsSync("/usr/bin/ssh"))("beside ssh -G", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "skein-ssh-config-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const configs = [
    "Host a b\n Port 1\nHost *\n Port 2\n User u\n",
    'Host "web 1" web?\n User q\nHost !web2 web*\n Port 77\n HostName %h.x\n',
    "Match host *.x\n Port 9\nMatch all\n User all\n",
    "HostName=%h.x\nMatch host *.x\n Port = 9\n",
    "Match !host web1\n Port 9\nMatch originalhost web1,web3 user root\n Port 8\n",
    'IdentityFile ~/a\nIdentityFile "~/b c"\nIdentityFile ~/a\nUserKnownHostsFile ~/k1 "~/k 2"\n',
    "# no\nport 5 # why\nUser  me # trailing\n\tStrictHostKeyChecking off\n",
    "Include part\nPort 3\n",
    "ConnectTimeout 7\nHostKeyAlias other\n",
  ];
  const hosts = ["a", "web1", "web2", "web3", "x.x"];
  test.each(configs)("%j means the same", (text) => {
    mkdirSync(join(folder, "home"));
    const file = join(folder, "config");
    writeFileSync(file, text.replace("Include part", `Include ${join(folder, "part")}`));
    writeFileSync(join(folder, "part"), "Host web*\n Port 33\n");
    const world = createSshWorld(process.env);
    for (const host of hosts) {
      const lines = execFileSync("/usr/bin/ssh", ["-T", "-G", "-F", file, host], {
        encoding: "utf8",
      });
      const judge = parseConfigFile(lines, "judge");
      const all = (keyword: string): readonly string[] =>
        judge.filter((line) => line.keyword === keyword).map((line) => line.rest);
      const spec = inProcess({ host, lastArgs: `-F ${file}` }, world);
      expect({
        host: spec.host,
        port: spec.port,
        user: spec.user,
        alias: spec.hostKeyAlias,
        timeout: spec.connectTimeout,
        checking: spec.hostKeyChecking,
      }).toEqual({
        host: all("hostname")[0],
        port: Number(all("port")[0]),
        user: all("user")[0],
        alias: all("hostkeyalias")[0],
        timeout: all("connecttimeout")[0] === "none" ? 10 : Number(all("connecttimeout")[0]),
        checking: all("stricthostkeychecking")[0] !== "false",
      });
      if (text.includes("IdentityFile")) {
        const home = world.home;
        expect(spec.privateKeys).toEqual(
          all("identityfile").map((path) => path.replace(/^~/, home)),
        );
      }
    }
  });
});

test.each([
  [
    "-o ProxyCommand='ssh -W %h:%p \"a b\"' -p 1",
    ["-o", 'ProxyCommand=ssh -W %h:%p "a b"', "-p", "1"],
  ],
  ['-o "User=a\\"b" x\\ y', ["-o", 'User=a"b', "x y"]],
  ["", []],
  ["''", [""]],
])("splitArguments(%j)", (text, words) => {
  expect(splitArguments(text)).toEqual(words);
});

test.each([
  ['a "b c" d', ["a", "b c", "d"]],
  ["a # b", ["a"]],
  ["", []],
])("splitWords(%j)", (text, words) => {
  expect(splitWords(text)).toEqual(words);
});
