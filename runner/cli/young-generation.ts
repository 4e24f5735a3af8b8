import { setFlagsFromString } from "node:v8";

// Loading a large playbook is over before V8 has let the space for new objects grow by doubling it: a twentieth of
// `--list-tasks` of 300 roles went into collecting what was about to be kept. It may go from 1 to 16 MiB at once.
setFlagsFromString("--semi-space-growth-factor=16");
