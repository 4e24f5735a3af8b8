// A CommonJS package whose names Node does not all see from outside: only the whole can be imported.
// biome-ignore lint/correctness/noUnresolvedImports: it has a default export at run time.
import ssh2 from "ssh2";

/** ssh2's client, its server (for tests), and its reader of key files. */
export const { Client, Server } = ssh2;
export const { parseKey } = ssh2.utils;
export const { createAgent } = ssh2;
