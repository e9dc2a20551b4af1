// laminar why: what running pipelines wait for before more of their output can come.

import * as Flags from '@oclif/core/flags';
import { LaminarCommand } from '../cli/base-command.ts';
import { argument } from '../cli/pipeline-text.ts';

export default class Why extends LaminarCommand {
  static override summary = 'Say why a running pipeline gives no output.';
  static override description =
    'For each sink: whether rows come out, or since when none do and what they wait for: which window, for which source and file, how far that is, and why it goes no further. Without an argument, of every pipeline that runs.';
  static override examples = [
    { description: 'Of all that runs', command: '<%= config.bin %> why' },
    { description: 'Of one, by its name or process id', command: '<%= config.bin %> why bars' },
    { description: 'For programs', command: `<%= config.bin %> why --json | jq .causes` },
  ];
  static override args = { pipeline: argument('Process id of a run, or the name of its pipeline.') };
  static override flags = {
    json: Flags.boolean({ summary: 'A line of JSON per pipeline: { pid, pipeline, causes }.' }),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.parseArguments(Why);
    const { printCauses } = await import('../cli/print-causes.ts');
    await printCauses(args.pipeline, flags.json);
  }
}
