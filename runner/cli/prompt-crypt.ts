import type { PluginHost } from "../plugin-host/plugin-host.ts";
import { cryptWith } from "../plugin-host/plugin-options.ts";
import type { PromptCrypt } from "../run/vars-prompt.ts";
import { TemplateError } from "../template/error.ts";
import { canCrypt, cryptText } from "../template/library/hashes.ts";

/**
 * How answers of vars_prompt are encrypted (`do_encrypt` of `utils/encrypt.py`): the usual schemes here, unless passlib makes them in
 * its own way, all others by the installed Ansible, which knows those of its libraries.
 *
 * @returns a function that throws Error for schemes that are not available, and for salts that do not fit.
 */
export function createPromptCrypt(
  plugins: PluginHost,
  hasPasslib: boolean,
): (request: PromptCrypt) => string {
  return ({ password, scheme, salt, saltSize }) => {
    const right = OTHER_NAMES[scheme];
    if (right !== undefined)
      throw new Error(`vars_prompt cannot encrypt with '${scheme}': there it is called ${right}`);
    const request = { password, scheme, salt, saltSize, rounds: undefined, ident: undefined };
    const isOurs = canCrypt(scheme) && !hasPasslib;
    try {
      return isOurs ? cryptText(request) : cryptWith(plugins, request);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      // A filter says it twice, the second time for the cause.
      throw new Error(error.message.replace(/^(.+)\. \1$/s, "$1"), { cause: error });
    }
  };
}

/** What the filter password_hash calls them. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  __proto__: null as never,
  md5: "md5_crypt",
  blowfish: "bcrypt",
  sha256: "sha256_crypt",
  sha512: "sha512_crypt",
};
