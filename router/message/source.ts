/** A module's source as an importer needs it. */
export interface SourceModule {
  /** Full dotted name. */
  readonly name: string;
  readonly isPackage: boolean;
  readonly source: Uint8Array;
  /** Where it came from, for tracebacks. */
  readonly path: string;
}

/** Sources that travel together. Bundles with the same digest hold the same modules. */
export interface SourceBundle {
  readonly digest: string;
  readonly modules: readonly SourceModule[];
}

/** The answer to an agent's question for a module. */
export type SourceAnswer = Omit<SourceModule, "name">;
