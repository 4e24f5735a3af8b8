import { addExtension, Packr } from "msgpackr";
import { ClassText, PyFloat, PyTuple, UnsafeText } from "../model/value.ts";
import { VaultText } from "../model/vault-text.ts";
import { openText } from "../vault/keyring.ts";

/*
 * Messages between threads are msgpack: dicts stay Maps, plain objects stay objects (records), shared and cyclic
 * references stay shared (a role is referenced by all its tasks and must travel once), and the value classes survive.
 */
addExtension({
  Class: PyFloat,
  type: 1,
  write: (value: PyFloat) => value.value,
  read: (value: number) => new PyFloat(value),
});
addExtension({
  Class: UnsafeText,
  type: 2,
  write: (value: UnsafeText) => value.text,
  read: (text: string) => new UnsafeText(text),
});
addExtension({
  Class: ClassText as never,
  type: 5,
  write: (value: ClassText) => value.text,
  read: (text: string) => new ClassText(text),
});
// Travels encrypted: whether anybody has to decrypt it is decided where it is read.
addExtension({
  Class: VaultText as never,
  type: 4,
  write: (value: VaultText) => value.ciphertext,
  read: (ciphertext: string) => new VaultText(ciphertext, openText),
});
addExtension({
  Class: PyTuple as never,
  type: 3,
  write: (tuple: PyTuple) => Array.from(tuple),
  read: (items: never[]) => {
    const tuple = new PyTuple();
    tuple.push(...items);
    return tuple;
  },
});

const packr = new Packr({
  structuredClone: true,
  mapsAsObjects: false,
  useRecords: true,
  int64AsType: "auto",
  largeBigIntToString: false,
} as unknown as ConstructorParameters<typeof Packr>[0]);

/** A message or value as bytes of its own (not a view into a shared buffer). */
export function encodeValue(value: unknown): Uint8Array {
  return Uint8Array.from(packr.pack(value));
}

/** What encodeValue wrote. */
export function decodeValue(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}
