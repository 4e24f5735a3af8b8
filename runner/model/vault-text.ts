import { UnsafeText } from "./value.ts";

/**
 * Text that stands encrypted in a YAML file (`!vault`). It is decrypted when somebody reads `text`, so that a
 * value that nobody needs may be one that nobody can decrypt, as in Ansible (`parsing/yaml/objects.py`).
 */
export class VaultText extends UnsafeText {
  /** The envelope, header line included. */
  readonly ciphertext: string;

  /** @param open decrypts an envelope; throws when no secret fits. */
  constructor(ciphertext: string, open: (ciphertext: string) => string) {
    super("");
    this.ciphertext = ciphertext;
    Object.defineProperty(this, "text", { get: () => open(ciphertext) });
  }
}

/** A vaulted value in plain text where that can be had; the value itself where no secret fits, to fail where it is used. */
export function opened(value: VaultText): string | VaultText {
  try {
    return value.text;
  } catch {
    return value;
  }
}
