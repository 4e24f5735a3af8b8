import { Socket } from "node:net";

/**
 * A socket whose writes of one turn leave together: ssh2 writes every packet by itself, and TCP_NODELAY
 * would make a segment of each.
 */
export function createSshSocket(): Socket {
  const socket = new Socket();
  socket.setNoDelay(true);
  let corked = false;
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = (...args: unknown[]) => {
    if (!corked && !socket.connecting) {
      corked = true;
      socket.cork();
      setImmediate(() => {
        corked = false;
        socket.uncork();
      });
    }
    return write(...args);
  };
  return socket;
}
