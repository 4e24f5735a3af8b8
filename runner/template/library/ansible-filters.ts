import type { Callable } from "../py-types.ts";
import { CHANCE_FILTERS } from "./chance-filters.ts";
import { DATA_FILTERS } from "./data-filters.ts";
import { FORMAT_FILTERS } from "./format-filters.ts";
import { HASH_FILTERS } from "./hash-filters.ts";
import { MATH_FILTERS } from "./math-filters.ts";
import { PATH_FILTERS } from "./path-filters.ts";
import { TEXT_FILTERS } from "./text-filters.ts";

/** Ansible's own filters, which take precedence over Jinja's of the same name. */
export const ANSIBLE_FILTERS: Readonly<Record<string, Callable>> = {
  ...CHANCE_FILTERS,
  ...DATA_FILTERS,
  ...FORMAT_FILTERS,
  ...HASH_FILTERS,
  ...MATH_FILTERS,
  ...PATH_FILTERS,
  ...TEXT_FILTERS,
};
