// laminar tap: rows of a stream of a running pipeline, as they pass.

import * as Flags from '@oclif/core/flags';
import { LaminarCommand } from '../cli/base-command.ts';
import { argument } from '../cli/pipeline-text.ts';

export default class Tap extends LaminarCommand {
  static override summary = 'Read a source, stream or sink of a running pipeline as its rows pass.';
  static override description = [
    'Prints what comes from now on, until the limit, the end of the stream, or Ctrl-C. The pipeline does not notice: it never waits for a tap. Rows that pass faster than they are read, or than a twentieth of its time allows, go by unread, and are counted. Where rows are changes, each begins with op: +I, -U, +U or -D.',
    '',
    'Columns that nothing in the pipeline reads are not computed, and left out. With several cores, the rows of a source come in no particular order. Without a name, what can be read is listed.',
  ].join('\n');
  static override examples = [
    { description: 'What can be read', command: '<%= config.bin %> tap' },
    { description: 'The next ten rows of a stream', command: '<%= config.bin %> tap bars --limit 10' },
    {
      description: 'Some of them, as a table',
      command: `<%= config.bin %> tap trades --where "symbol = 'ACME' AND price > 100" --format table`,
    },
    { description: 'Of one of several pipelines', command: '<%= config.bin %> tap bars --pipeline live.lsql' },
  ];
  static override args = { view: argument('Name of a source, stream or sink of the pipeline.') };
  static override flags = {
    where: Flags.string({
      summary: 'Only rows for which this is true: a predicate as in WHERE.',
      helpValue: 'PREDICATE',
    }),
    limit: Flags.integer({ summary: 'Stop after this many rows.', min: 1, max: 1_000_000_000, helpValue: 'N' }),
    format: Flags.option({
      summary: 'How rows are printed.',
      options: ['json', 'csv', 'table'] as const,
      default: 'json',
    })(),
    pipeline: Flags.string({
      char: 'p',
      summary: 'Process id of the run, or the name of its pipeline, where several have such a stream.',
      helpValue: 'NAME',
    }),
    quiet: Flags.boolean({ char: 'q', summary: 'No notices, no summary.' }),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.parseArguments(Tap);
    const { listViews, tapSession } = await import('../cli/tap/tap-session.ts');
    if (args.view === undefined) {
      await listViews(flags.pipeline);
      return;
    }
    const { pipeline, where = null, limit: rowsMax = null, format, quiet } = flags;
    await tapSession(args.view, { pipeline, where, rowsMax, format, quiet });
  }
}
