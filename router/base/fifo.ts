/** A queue with constant-time ends. */
export interface Fifo<T> {
  readonly size: number;
  push(item: T): void;
  /** Takes the oldest item; `undefined` when empty. */
  shift(): T | undefined;
  peek(): T | undefined;
  /** Empties the queue and returns what was in it, oldest first. */
  drain(): T[];
}

/**
 * Makes a {@link Fifo} on one array:
 *
 *     [ taken taken | oldest ... newest ]
 *                     ^ head
 *
 * `Array.shift` moves every element once an array is large; here the taken front is cut off only
 * when it is at least half of the array, so that an item is moved at most once on average.
 */
export function createFifo<T>(): Fifo<T> {
  let items: T[] = [];
  let head = 0;
  return {
    get size() {
      return items.length - head;
    },
    push(item) {
      items.push(item);
    },
    shift() {
      if (head === items.length) return undefined;
      const item = items[head] as T;
      // The slot must not keep the item alive.
      items[head] = undefined as T;
      head += 1;
      if (head > 32 && head * 2 >= items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
    peek() {
      return items[head];
    },
    drain() {
      const rest = items.slice(head);
      items = [];
      head = 0;
      return rest;
    },
  };
}
