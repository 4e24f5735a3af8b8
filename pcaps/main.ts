import { pcapReport } from "./command.ts";

process.exitCode = await pcapReport(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
});
