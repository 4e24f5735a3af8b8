import { createCatalogue, type ResolvedAction } from "../../load/collection.ts";
import { createInstallation } from "../../load/installation.ts";
import type { ShardOptions } from "../../pool/messages.ts";

/** A module that an action chooses when it runs: by its name, wherever it lives and whatever it is called today. */
export function installedModule(options: ShardOptions, name: string): ResolvedAction | undefined {
  return catalogueOf(options).action(name, { collections: [] });
}

const catalogues = new WeakMap<ShardOptions, ReturnType<typeof createCatalogue>>();

function catalogueOf(options: ShardOptions): ReturnType<typeof createCatalogue> {
  let found = catalogues.get(options);
  if (found === undefined) {
    const { root, version, collections } = options.installation;
    found = createCatalogue({
      installation: createInstallation(root, version, options.python),
      playbookDirs: options.plugins.playbookDirs,
      pluginDirs: () => options.plugins.folders,
      collectionsPaths: collections,
      library: options.library,
      actionPlugins: [],
    });
    catalogues.set(options, found);
  }
  return found;
}
