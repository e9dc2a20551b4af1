// laminar top: a live view of running pipelines.

import * as Flags from '@oclif/core/flags';
import { LaminarCommand } from '../cli/base-command.ts';
import { argument } from '../cli/pipeline-text.ts';

export default class Top extends LaminarCommand {
  static override summary = 'Watch running pipelines: rates, lag, operators, cores, and what holds the output back.';
  static override description = [
    'Shows the pipeline with this process id or name, or the only one that runs, or lets you choose. Pipelines of other users are not seen. Watching does not change what a pipeline does, and leaving does not end it.',
    '',
    'Keys: arrows and tab move, enter shows more of a row, s sorts, / filters, space holds still, r shows totals, ? helps, q leaves.',
  ].join('\n');
  static override examples = [
    { description: 'Watch what runs', command: '<%= config.bin %> top' },
    { description: 'One of several', command: '<%= config.bin %> top bars' },
    { description: 'Once, as text; also when stdout is no terminal', command: '<%= config.bin %> top --once' },
    {
      description: 'For programs: every counter, a JSON object per pipeline',
      command: `<%= config.bin %> top --json | jq .progress.sources`,
    },
  ];
  static override args = { pipeline: argument('Process id of a run, or the name of its pipeline.') };
  static override flags = {
    once: Flags.boolean({ summary: 'Print how things are now, and leave; with --json that is so anyway.' }),
    json: Flags.boolean({ summary: 'Print every counter as a line of JSON per pipeline, and leave.' }),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.parseArguments(Top);
    const { topSession } = await import('../cli/top-session.ts');
    await topSession(args.pipeline, { once: flags.once, json: flags.json });
  }
}
