/** The second door of the bus: small primitives that stand on nothing. */
export type { Clock, TestClock, Timer } from "./clock.ts";
export { createTestClock, systemClock } from "./clock.ts";
export type { Deferred } from "./deferred.ts";
export { createDeferred } from "./deferred.ts";
export type { Fifo } from "./fifo.ts";
export { createFifo } from "./fifo.ts";
export type { RouterErrorCode } from "./router-error.ts";
export { RouterError } from "./router-error.ts";
export type { Scope } from "./scope.ts";
export { createScope } from "./scope.ts";
export type { Trace, TraceEvent } from "./trace.ts";
