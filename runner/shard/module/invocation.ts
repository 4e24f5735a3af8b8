import { basename } from "node:path";
import { type CallSpec, createSourceBundle, type JobSpec, type SourceBundle } from "#router";
import { stringifyJson } from "../../model/json.ts";
import { type Dict, isDict, type Value } from "../../model/value.ts";
import type { ShardOptions } from "../../pool/messages.ts";
import { type ClassifiedModule, classifyModule } from "./classify.ts";
import { createImportResolver, type ImportResolver, type PythonSource } from "./imports.ts";

/** The settings of one task that its modules hear about. */
export interface ModuleFlags {
  readonly checkMode: boolean;
  readonly diff: boolean;
  readonly noLog: boolean;
  readonly remoteTmp: string;
  readonly isolation: "warm" | "fork";
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** Makes the call a job that outlives its task. */
  readonly job?: JobSpec | undefined;
}

/** A module made ready: what to call and what sources the target needs for it. */
export interface Invocation {
  readonly call: CallSpec;
  readonly sources: readonly SourceBundle[];
}

export interface ModuleCatalogue {
  /** @throws Error when the module's file cannot be read. */
  invoke(action: string, path: string, args: Dict, flags: ModuleFlags): Invocation;
  /** The file of one of ansible-core's own modules. */
  corePath(name: string): string;
  readonly resolver: ImportResolver;
}

/**
 * Turns a module and its arguments into the call that the agent understands. Sources are read, blanked and bundled once per module and run; bundles are
 * shared by all hosts.
 */
export function createModuleCatalogue(options: ShardOptions, jobs: string): ModuleCatalogue {
  const { installation } = options;
  const resolver = createImportResolver({
    ansible: installation.root,
    collections: installation.collections,
    moduleUtils: options.moduleUtils,
  });
  const modules = new Map<string, ClassifiedModule>();
  const bundles = new Map<string, readonly SourceBundle[]>();
  const shared = new SharedBundles();
  const jobsBundle = createSourceBundle([
    { name: "skein.jobs", isPackage: false, source: Buffer.from(jobs), path: "<skein>/jobs.py" },
  ]);
  /** What a call needs on the target: its own sources, and those that make it a job. */
  const withJobs = (
    sources: readonly SourceBundle[],
    flags: ModuleFlags,
  ): readonly SourceBundle[] => (flags.job === undefined ? sources : [...sources, jobsBundle]);

  return {
    resolver,
    corePath: (name) => `${installation.root}/modules/${name}.py`,
    invoke(action, path, args, flags) {
      let module = modules.get(path);
      if (module === undefined) {
        module = classifyModule(path);
        modules.set(path, module);
      }
      const base = {
        isolation: flags.isolation,
        env: flags.environment,
        timeoutSeconds: flags.timeoutSeconds,
        ...(flags.job === undefined ? {} : { job: flags.job }),
      };
      const full = withInternalArgs(action, args, flags, options);
      if (module.style === "new") {
        const name = pythonName(path, installation.root);
        let sources = bundles.get(path);
        if (sources === undefined) {
          sources = shared.bundle(resolver.closure(name, path));
          bundles.set(path, sources);
        }
        return {
          call: { ...base, module: name, style: "new", args: stringifyJson(full) },
          sources: withJobs(sources, flags),
        };
      }
      const name = basename(path);
      let sources = bundles.get(path);
      if (sources === undefined) {
        sources = [createSourceBundle([{ name, isPackage: false, source: module.content, path }])];
        bundles.set(path, sources);
      }
      const text = module.style === "old" ? oldStyleArgs(full) : stringifyJson(full);
      return {
        call: { ...base, module: name, style: module.style, args: text },
        sources: withJobs(sources, flags),
      };
    },
  };
}

/** Splits closures so that what several modules share travels once: what was bundled before is not bundled again. */
class SharedBundles {
  readonly #byName = new Map<string, SourceBundle>();

  bundle(closure: readonly PythonSource[]): readonly SourceBundle[] {
    const known = new Set<SourceBundle>();
    const fresh: PythonSource[] = [];
    for (const source of closure) {
      const bundle = this.#byName.get(source.name);
      if (bundle === undefined) fresh.push(source);
      else known.add(bundle);
    }
    if (fresh.length > 0) {
      const bundle = createSourceBundle(fresh);
      for (const source of fresh) this.#byName.set(source.name, bundle);
      known.add(bundle);
    }
    return [...known];
  }
}

function pythonName(path: string, ansibleRoot: string): string {
  const collection = /\/(ansible_collections\/.+)\.py$/.exec(path);
  if (collection !== null) return collection[1]!.replaceAll("/", ".");
  const core = path.startsWith(`${ansibleRoot}/modules/`);
  const stem = basename(path).replace(/\.[^.]*$/, "");
  return core ? `ansible.modules.${stem}` : `ansible.modules.${stem}`;
}

/** The `_ansible_*` arguments that AnsibleModule reads (ansible/plugins/action/__init__.py, _update_module_args). */
function withInternalArgs(
  action: string,
  args: Dict,
  flags: ModuleFlags,
  options: ShardOptions,
): Dict {
  const full = new Map(args);
  const internal: Record<string, Value> = {
    _ansible_check_mode: flags.checkMode,
    _ansible_no_log: flags.noLog,
    _ansible_debug: false,
    _ansible_diff: flags.diff,
    _ansible_verbosity: options.verbosity,
    _ansible_version: options.installation.version,
    _ansible_module_name: action,
    _ansible_syslog_facility: "LOG_USER",
    _ansible_selinux_special_fs: ["fuse", "nfs", "vboxsf", "ramfs", "9p", "vfat"],
    _ansible_string_conversion_action: "warn",
    _ansible_socket: null,
    _ansible_shell_executable: options.connection.executable,
    _ansible_keep_remote_files: false,
    _ansible_tmpdir: null,
    _ansible_remote_tmp: flags.remoteTmp,
  };
  for (const [name, value] of Object.entries(internal)) full.set(name, value);
  return full;
}

function oldStyleArgs(args: Dict): string {
  const words: string[] = [];
  for (const [key, value] of args) {
    const text =
      typeof value === "string"
        ? value
        : Array.isArray(value) || isDict(value)
          ? stringifyJson(value)
          : pythonWord(value);
    words.push(`${String(key)}=${shellQuote(text)}`);
  }
  return words.join(" ");
}

function pythonWord(value: Value): string {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  return stringifyJson(value);
}

function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}
