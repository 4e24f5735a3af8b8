import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { GenericContainer, type StartedTestContainer, Wait } from "testcontainers";

// The reaper is an image of its own, which cannot be pulled everywhere; global-setup.ts removes what a killed run leaves.
process.env["TESTCONTAINERS_RYUK_DISABLED"] = "true";
process.env["TESTCONTAINERS_HOST_OVERRIDE"] = "127.0.0.1";

const run = promisify(execFile);

/** Images of integration/images. */
export type Image = "python27" | "python39" | "python311" | "python313" | "no-python";

export interface TargetsOptions {
  readonly image: Image;
  /** Inventory names; one container each. */
  readonly names: readonly string[];
  /** Other images than `image`, by name. */
  readonly images?: Readonly<Record<string, Image>>;
  /** Names of those that only the first one can reach, which is their bastion. */
  readonly inner?: readonly string[];
  /** The account to log in to. */
  readonly user?: string;
}

/** Containers that an ssh client reaches, and everything a client needs to reach them. Gone when disposed of. */
export interface Targets extends AsyncDisposable {
  readonly all: readonly Target[];
  /** A directory of this set, removed with it. */
  readonly directory: string;
  /** The private key that all accounts of all targets accept. */
  readonly keyFile: string;
  /** The host keys of all targets. */
  readonly knownHostsFile: string;
  /** The inventory as INI text: the group `web` of all targets, and how to reach them. */
  readonly inventory: string;
  target(name: string): Target;
}

export interface Target {
  readonly name: string;
  /** The container's. */
  readonly id: string;
  readonly port: number;
  /** One line for `known_hosts`. */
  readonly knownHost: string;
  readonly inventoryLine: string;
  /** Runs a command as root inside, and gives its standard output. Rejects when it fails. */
  exec(...argv: string[]): Promise<string>;
  /** Pulls the plug: no process inside gets to say good-bye. */
  kill(): Promise<void>;
}

/**
 * Starts one container per name and waits until each sshd answers.
 *
 * @throws Error when an image is missing or a container does not come up; what had started is removed.
 */
export async function startTargets(options: TargetsOptions): Promise<Targets> {
  const { image, images = {}, names, inner = [], user = "ansible" } = options;
  const directory = await mkdtemp(join(tmpdir(), "skein-targets-"));
  const keyFile = join(directory, "key");
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", keyFile]);
  const publicKey = await readFile(`${keyFile}.pub`, "utf8");

  const started: StartedTestContainer[] = [];
  const network = inner.length === 0 ? undefined : await createNetwork();
  const dispose = async (): Promise<void> => {
    await Promise.all(started.map((container) => removed(container.getId())));
    if (network !== undefined) await run("docker", ["network", "rm", network]);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const all = await Promise.all(
      names.map(async (name) => {
        const isInner = inner.includes(name);
        const container = await startContainer({
          image: images[name] ?? image,
          publicKey,
          ...(network === undefined ? {} : { network, alias: name }),
          isInner,
        });
        started.push(container);
        if (network !== undefined && !isInner) {
          await run("docker", ["network", "connect", network, container.getId()]);
        }
        return isInner ? createInnerTarget(name, container) : createTarget(name, container);
      }),
    );
    const knownHostsFile = join(directory, "known_hosts");
    await writeFile(knownHostsFile, all.map(({ knownHost }) => knownHost).join(""));
    await mkdir(join(directory, "cp"));
    return {
      all,
      directory,
      keyFile,
      knownHostsFile,
      inventory: toInventory(all, { user, keyFile, knownHostsFile }),
      target: (name) => {
        const found = all.find((target) => target.name === name);
        if (found === undefined) throw new Error(`no target is called ${name}`);
        return found;
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

export interface LoginOptions {
  readonly user: string;
  readonly keyFile: string;
  readonly knownHostsFile: string;
}

/** An inventory of these targets with a login of its own: another account, another key, other host keys. */
export function toInventory(targets: readonly Target[], login: LoginOptions): string {
  return [
    "[web]",
    ...targets.map(({ inventoryLine }) => inventoryLine),
    "[web:vars]",
    `ansible_user=${login.user}`,
    `ansible_ssh_private_key_file=${login.keyFile}`,
    // A connection that ssh keeps open would outlive its container.
    `ansible_ssh_common_args='-o UserKnownHostsFile=${login.knownHostsFile} -o GlobalKnownHostsFile=/dev/null -o IdentitiesOnly=yes'`,
    "",
  ].join("\n");
}

interface ContainerOptions {
  readonly image: Image;
  readonly publicKey: string;
  readonly network?: string;
  /** Its name in the network. */
  readonly alias?: string;
  /** In the network alone, with no port outside. */
  readonly isInner: boolean;
}

async function startContainer(options: ContainerOptions): Promise<StartedTestContainer> {
  const { image, publicKey, network, alias = "", isInner } = options;
  const container = new GenericContainer(`skein-test/${image}`)
    .withLabels({ "skein-test-run": process.env["SKEIN_TEST_RUN"] ?? "" })
    .withCopyContentToContainer([
      { content: publicKey, target: "/etc/ssh/authorized_keys", mode: 0o644 },
    ])
    .withWaitStrategy(Wait.forLogMessage("Server listening on"))
    .withStartupTimeout(60_000);
  if (!isInner || network === undefined) return container.withExposedPorts(22).start();
  return container.withNetworkMode(network).withNetworkAliases(alias).start();
}

/** A network whose members nobody outside has a name or a way for. */
async function createNetwork(): Promise<string> {
  const label = `skein-test-run=${process.env["SKEIN_TEST_RUN"] ?? ""}`;
  const name = `skein-test-${process.pid}-${Date.now().toString(36)}`;
  await run("docker", ["network", "create", "--internal", "--label", label, name]);
  return name;
}

async function createTarget(name: string, container: StartedTestContainer): Promise<Target> {
  const port = container.getMappedPort(22);
  await sshAnswers(port);
  return toTarget(container, { name, port, host: "127.0.0.1" });
}

/** Its name is its address, and nobody but the bastion knows it. */
function createInnerTarget(name: string, container: StartedTestContainer): Promise<Target> {
  return toTarget(container, { name, port: 22, host: name });
}

interface Endpoint {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

async function toTarget(container: StartedTestContainer, endpoint: Endpoint): Promise<Target> {
  const id = container.getId();
  const { name, host, port } = endpoint;
  const exec = async (...argv: string[]): Promise<string> => {
    const { stdout } = await run("docker", ["exec", id, ...argv], { maxBuffer: 64 << 20 });
    return stdout;
  };
  const [type, key] = (await exec("cat", "/etc/ssh/ssh_host_ed25519_key.pub")).split(" ");
  return {
    name,
    id,
    port,
    knownHost: `${port === 22 ? host : `[${host}]:${port}`} ${type} ${key}\n`,
    inventoryLine: `${name} ansible_host=${host} ansible_port=${port}`,
    exec,
    kill: async () => {
      await run("docker", ["kill", id]);
    },
  };
}

/** The port forwarder accepts before sshd does: only sshd's greeting tells. */
async function sshAnswers(port: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (await greets(port)) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`no ssh greeting on port ${port} within 30 seconds`);
}

function greets(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection({ host: "127.0.0.1", port, timeout: 2000 });
    const finish = (answer: boolean): void => {
      socket.destroy();
      done(answer);
    };
    socket.once("data", (data) => finish(data.toString("latin1").startsWith("SSH-2.0")));
    for (const event of ["error", "close", "timeout"]) socket.once(event, () => finish(false));
  });
}

/** Not through the container's own stop(): that waits for a goodbye, and fails where a test killed it. */
async function removed(id: string): Promise<void> {
  await run("docker", ["rm", "-f", "-v", id]);
}
