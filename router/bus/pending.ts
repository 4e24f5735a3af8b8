import { RouterError } from "../base/index.ts";
import type { Frame } from "../frame/layout.ts";
import { TYPE } from "../frame/layout.ts";
import type { UpMessage } from "../message/message.ts";
import type { PendingCall } from "./calls.ts";
import type { PendingTransfer } from "./transfer.ts";

/** Who sent an answer, and to what. */
interface Answer {
  readonly src: number;
  readonly id: number;
}

/** What was sent on one link and is not wholly answered. */
export interface Pending {
  /** Whether anybody waits. */
  readonly isBusy: boolean;
  addCall(call: PendingCall): void;
  addTransfer(transfer: PendingTransfer): void;
  /** No answer can come any more. */
  remove(id: number): void;
  /** Nobody waits any more, but answers may still come: they are taken and dropped. */
  abandon(id: number, context: number): void;
  /** The batch that is answered. @throws RouterError `corrupt` when there is none at that context. */
  callOf(answer: Answer): PendingCall;
  /** The transfer that is answered. @throws RouterError `corrupt` when there is none. */
  transferOf(answer: Answer): PendingTransfer;
  /** Whether a message answers what was abandoned. */
  takeAbandoned(message: UpMessage): boolean;
  /**
   * Checks the first frame of a message in parts: what nobody asked for must not even be collected.
   * @throws RouterError `corrupt`.
   */
  checkAsked(frame: Frame): void;
  /** Fails what is under way at the contexts that `isMeant`, or everywhere. */
  fail(error: RouterError, isMeant?: (context: number) => boolean): void;
}

/** Makes an empty {@link Pending}. `onIdle` is called whenever the last waiter has left. */
export function createPending(onIdle: () => void): Pending {
  const calls = new Map<number, PendingCall>();
  const transfers = new Map<number, PendingTransfer>();
  const abandoned = new Map<number, number>();
  const isBusy = () => calls.size > 0 || transfers.size > 0;
  const remove = (id: number) => {
    calls.delete(id);
    transfers.delete(id);
    if (!isBusy()) onIdle();
  };
  return {
    get isBusy() {
      return isBusy();
    },
    addCall: (call) => calls.set(call.id, call),
    addTransfer: (transfer) => transfers.set(transfer.id, transfer),
    remove,
    abandon(id, context) {
      abandoned.set(id, context);
      remove(id);
    },
    callOf({ src, id }) {
      const call = calls.get(id);
      if (call === undefined || call.context !== src) {
        throw new RouterError(
          "corrupt",
          `context ${src} answered call ${id}, which it was not sent`,
        );
      }
      return call;
    },
    transferOf({ src, id }) {
      const transfer = transfers.get(id);
      if (transfer === undefined || transfer.context !== src) {
        throw new RouterError(
          "corrupt",
          `context ${src} answered transfer ${id}, which it was not sent`,
        );
      }
      return transfer;
    },
    takeAbandoned(message) {
      if (abandoned.size === 0 || !("id" in message)) return false;
      if (abandoned.get(message.id) !== message.src) return false;
      const isLast = message.kind === "file-done" || (message.kind === "result" && message.last);
      if (isLast) abandoned.delete(message.id);
      return true;
    },
    checkAsked({ type, id, src }) {
      const context =
        type === TYPE.RESULT ? (calls.get(id)?.context ?? abandoned.get(id)) : undefined;
      if (context !== src) {
        throw new RouterError(
          "corrupt",
          `a part of a message (type ${type}, id ${id}) that nobody asked for`,
        );
      }
    },
    fail(error, isMeant = () => true) {
      for (const one of [...calls.values(), ...transfers.values()]) {
        if (isMeant(one.context)) one.fail(error);
      }
    },
  };
}
