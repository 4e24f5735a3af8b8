/** What happens on the bus, in the protocol's words. Never holds arguments, output or secrets. */
export type TraceEvent =
  | { readonly kind: "connect"; readonly link: string; readonly attempt: number }
  | { readonly kind: "connected"; readonly link: string; readonly milliseconds: number }
  | { readonly kind: "hello"; readonly link: string; readonly context: number }
  | {
      readonly kind: "frame-sent";
      readonly link: string;
      readonly type: number;
      readonly bytes: number;
    }
  | {
      readonly kind: "frame-received";
      readonly link: string;
      readonly type: number;
      readonly bytes: number;
    }
  | { readonly kind: "log"; readonly link: string; readonly level: number; readonly text: string }
  | {
      readonly kind: "lost";
      readonly link: string;
      readonly code: string;
      readonly message: string;
    };

/** Takes events; `undefined` where nobody listens, so that no event is even built. */
export type Trace = ((event: TraceEvent) => void) | undefined;
