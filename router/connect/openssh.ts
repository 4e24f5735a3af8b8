import { RouterError } from "../base/index.ts";
import { createChildStream } from "../stream/child-stream.ts";
import type { ByteStream, StreamEnd } from "../stream/stream.ts";
import type { OpenSshSpec } from "./spec.ts";
import type { Transport } from "./transport.ts";

/** The status with which ssh says that it is itself, not the command, that failed (ssh(1), EXIT STATUS). */
const SSH_FAILED = 255;

/** Commands on a host over ssh processes, one for each. The agent needs one; what needs no agent has its own. */
export function createOpenSshTransport(spec: OpenSshSpec): Transport {
  const streams = new Set<ByteStream>();
  return {
    wire: undefined,
    start(command, { pty = false } = {}) {
      const [program, ...args] = spec.argv;
      const argv = [program, ...args, pty ? "-tt" : "-T", "--", spec.host, command] as const;
      const stream = withSshFailure(createChildStream({ argv: [...argv] }));
      streams.add(stream);
      return Promise.resolve(stream);
    },
    end: () => Promise.resolve(),
    destroy(reason) {
      for (const stream of streams) stream.destroy(reason);
    },
  };
}

function withSshFailure(stream: ByteStream): ByteStream {
  return {
    ...stream,
    open(handlers) {
      stream.open({ ...handlers, onEnd: (end) => handlers.onEnd(explain(end)) });
    },
  };
}

/** In Ansible's words (plugins/connection/ssh.py). */
function explain(end: StreamEnd): StreamEnd {
  if (end.error !== undefined || end.exitCode !== SSH_FAILED) return end;
  const message = `Failed to connect to the host via ssh: ${end.stderr.trim()}`;
  return { ...end, error: new RouterError("unreachable", message) };
}
