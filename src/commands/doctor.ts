// laminar doctor: what this machine offers, and whether Laminar works on it.

import * as Flags from '@oclif/core/flags';
import { LaminarCommand } from '../cli/base-command.ts';
import { ExitCode } from '../cli/exit-codes.ts';
import { printOut } from '../cli/standard-streams.ts';
import { PACKAGE } from '../cli/version.ts';

export default class Doctor extends LaminarCommand {
  static override summary = 'Report what this machine offers, and whether Laminar works on it.';
  static override description = 'Answers 1 if something that Laminar needs is missing.';
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --json'];
  static override flags = { json: Flags.boolean({ summary: 'One JSON object on stdout: { ok, findings }.' }) };

  async run(): Promise<void> {
    const { flags } = await this.parseArguments(Doctor);
    const { examine } = await import('../cli/doctor-checks.ts');
    const findings = examine(PACKAGE.version);
    const ok = findings.every((finding) => finding.ok);
    const width = Math.max(...findings.map((finding) => finding.name.length));
    if (flags.json) printOut(JSON.stringify({ ok, findings }));
    else {
      for (const { name, ok: isFine, value } of findings) {
        printOut(`${isFine ? '  ' : '! '}${name.padEnd(width)}  ${value}`);
      }
    }
    if (!ok) process.exitCode = ExitCode.failed;
  }
}
