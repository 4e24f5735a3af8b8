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
  /** SSH's own compression; off by default, since the bus compresses. */
  readonly compression?: boolean;
}

/** This machine, through a child process. */
export interface LocalSpec {
  readonly kind: "local";
  readonly name: string;
  readonly pythons: readonly string[];
}

export type LinkSpec = SshSpec | LocalSpec;

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
