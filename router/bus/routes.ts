import type { Deferred } from "../base/index.ts";
import { createDeferred, RouterError } from "../base/index.ts";
import { LAST_CONTEXT, ROOT } from "../frame/layout.ts";
import type { Hello } from "../message/message.ts";
import type { Payload } from "../message/payload.ts";

/** How a child is started; `payload` is SPAWN's, but for the child's id. */
export interface Spawn {
  /** Equal for equal hops. */
  readonly key: string;
  /** For messages: "sudo to root". */
  readonly title: string;
  readonly payload: { readonly [key: string]: Payload };
}

/** A context that was asked for on this link, and is alive or on its way. */
export interface Route {
  readonly id: number;
  readonly parent: number;
  readonly key: string;
  readonly title: string;
  readonly hello: Deferred<Hello>;
}

/** The contexts of one link. */
export interface Routes {
  /** The route of a path of hops, started where it is missing; `start` sends SPAWN. */
  reach(
    path: readonly Spawn[],
    start: (parent: number, child: number, spawn: Spawn) => void,
  ): Route;
  get(id: number): Route | undefined;
  /** Whether this id was a context once and no longer is. */
  isGone(id: number): boolean;
  /** Takes a context and all behind it off the table; returns them. */
  remove(id: number): readonly Route[];
  all(): Iterable<Route>;
}

/**
 * Makes the table with the root context in it. An id is never used twice on a link: what still
 * arrives from a context that is gone cannot be mistaken for its successor's.
 */
export function createRoutes(): Routes {
  const byId = new Map<number, Route>();
  const byKey = new Map<string, Route>();
  let allotted: number = ROOT;

  const enter = (id: number, parent: number, key: string, title: string): Route => {
    const route = { id, parent, key, title, hello: createDeferred<Hello>() };
    byId.set(id, route);
    byKey.set(key, route);
    return route;
  };
  const root = enter(ROOT, 0, "", "login");
  return {
    reach(path, start) {
      let route = root;
      let key = "";
      for (const spawn of path) {
        key += `${spawn.key}\n`;
        const known = byKey.get(key);
        if (known !== undefined) {
          route = known;
          continue;
        }
        if (allotted >= LAST_CONTEXT) {
          throw new RouterError("limit", `more than ${LAST_CONTEXT} contexts on one link`);
        }
        allotted += 1;
        start(route.id, allotted, spawn);
        route = enter(allotted, route.id, key, spawn.title);
      }
      return route;
    },
    get: (id) => byId.get(id),
    isGone: (id) => id >= ROOT && id <= allotted && !byId.has(id),
    remove(id) {
      const removed: Route[] = [];
      const take = (route: Route) => {
        byId.delete(route.id);
        byKey.delete(route.key);
        removed.push(route);
        for (const other of [...byId.values()]) if (other.parent === route.id) take(other);
      };
      const route = byId.get(id);
      if (route !== undefined) take(route);
      return removed;
    },
    all: () => byId.values(),
  };
}
