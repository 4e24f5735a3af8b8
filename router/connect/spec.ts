/** How to reach a host over SSH. Paths are absolute and exist or are skipped. */
export interface SshSpec {
  readonly kind: "ssh";
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The inventory's name, for messages. */
  readonly name: string;
  readonly password?: string;
  /** Files with private keys, in the order in which they are tried. */
  readonly privateKeys: readonly string[];
  readonly passphrase?: string;
  /** Socket of an SSH agent. */
  readonly agentSocket?: string;
  readonly hostKeyChecking: boolean | "accept-new";
  readonly knownHostsFiles: readonly string[];
  /** Seconds for all of the connection's set-up. */
  readonly connectTimeout: number;
  /** Interpreters to look for, in order. */
  readonly pythons: readonly string[];
  /** Of the agent's keys only those that are in `privateKeys`, too. */
  readonly identitiesOnly?: boolean;
  /** Let commands there use the SSH agent. */
  readonly agentForward?: boolean;
  /** The name under which known_hosts has the host. */
  readonly hostKeyAlias?: string;
  readonly family?: 4 | 6;
  /** How to get there, when not straight. */
  readonly proxy?: SshProxy;
  /** SSH's own compression; off by default, since the bus compresses. */
  readonly compression?: boolean;
}

/** What carries an SSH connection. */
export type SshProxy =
  /** A TCP connection that another host makes. */
  | { readonly kind: "jump"; readonly via: SshSpec }
  /** The standard streams of a command that a shell runs here. */
  | { readonly kind: "command"; readonly command: string };

/** A host over an ssh process of OpenSSH, for what only that can do. */
export interface OpenSshSpec {
  readonly kind: "openssh";
  readonly name: string;
  /** The program and its arguments, up to the host. */
  readonly argv: readonly [string, ...string[]];
  readonly host: string;
  /** What asks for it. */
  readonly why: string;
  readonly pythons: readonly string[];
}

/** This machine, through a child process. */
export interface LocalSpec {
  readonly kind: "local";
  readonly name: string;
  /** The folder that commands start in; that of this process when left out. */
  readonly cwd?: string;
  readonly pythons: readonly string[];
}

/** A host that a program of this machine leads to, one process for each command there. */
export interface CommandSpec {
  readonly kind: "command";
  readonly name: string;
  /** The program and its arguments; behind them comes the text for the shell there. */
  readonly argv: readonly [string, ...string[]];
  readonly pythons: readonly string[];
}

export type LinkSpec = SshSpec | OpenSshSpec | LocalSpec | CommandSpec;

/** How to become another user. */
export interface HopSpec {
  readonly method: "sudo" | "su" | "doas";
  readonly user: string;
  readonly password?: string;
  /** The program, when it is not the method's own name. */
  readonly exe?: string;
  /** Replaces the method's default flags. */
  readonly flags?: string;
}
