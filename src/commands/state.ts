// laminar state: what operators keep, as of a checkpoint.

import * as Flags from '@oclif/core/flags';
import { LaminarCommand } from '../cli/base-command.ts';
import { compileText } from '../cli/compile-text.ts';
import { argument, pipelineFlags, readPipeline } from '../cli/pipeline-text.ts';
import { UsageError } from '../cli/usage-error.ts';

export default class State extends LaminarCommand {
  static override summary = 'Look into what operators keep, as of the last checkpoint.';
  static override description = [
    'Reads a state directory, also while a run is using it.',
    '',
    'Actions:',
    '  ls                       bytes, keys and the oldest open window of every operator',
    '  export PIPELINE          rows as JSON: what every GROUP BY would give if its input ended now, and the rows that joins, ORDER BY, LIMIT, OVER and tables keep',
    '  get PIPELINE KEY=VALUE   the same, of the rows in which these columns have these values',
  ].join('\n');
  static override examples = [
    { description: 'How much each operator keeps', command: '<%= config.bin %> state ls --state-dir bars.state' },
    { description: 'Open windows', command: '<%= config.bin %> state export bars.lsql -s bars.state' },
    { description: 'Of one key', command: `<%= config.bin %> state get bars.lsql symbol=ACME -s bars.state` },
  ];
  static override args = {
    action: argument('ls, export or get.'),
    file: argument('Pipeline file (.lsql).'),
    key: argument('COLUMN=VALUE, several separated by commas.'),
  };
  static override flags = {
    set: pipelineFlags.set,
    'state-dir': Flags.string({
      char: 's',
      summary: 'The state directory; without this, SET state_dir or LAMINAR_STATE_DIR.',
      helpValue: 'DIR',
    }),
    operator: Flags.string({ summary: 'Only this one, by its name in `state ls`.', helpValue: 'NAME' }),
    from: Flags.string({ summary: 'Of this savepoint, or checkpoint.', helpValue: 'NAME' }),
    json: Flags.boolean({ summary: 'ls: a line of JSON per operator.' }),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.parseArguments(State);
    const from = flags.from ?? null;
    switch (args.action) {
      case 'ls': {
        const [{ namedDirectory }, { listState }] = await Promise.all([
          import('../cli/checkpoints.ts'),
          import('../cli/list-state.ts'),
        ]);
        return listState(namedDirectory(flags['state-dir'] ?? args.file), from, flags.json);
      }
      case 'export':
      case 'get': {
        const wanted = parseKey(args.action, args.key);
        const pipeline = readPipeline('read', args.file === undefined ? {} : { file: args.file });
        const { plan } = await compileText(pipeline, flags.set);
        const { exportState } = await import('../cli/export-state.ts');
        const { operator = null } = flags;
        return exportState(plan, { directory: flags['state-dir'] ?? null, from, operator, wanted });
      }
      default:
        throw new UsageError(
          args.action === undefined ? 'nothing to do: say ls, export or get' : `unknown action '${args.action}'`,
          'laminar state --help',
        );
    }
  }
}

/** @throws UsageError */
function parseKey(action: string, text: string | undefined): Record<string, string> {
  if (action === 'export' && text === undefined) return {};
  const parts = (text ?? '').split(',').map((part) => part.split('='));
  if (action === 'export' || parts.some(({ length }) => length !== 2)) {
    throw new UsageError(`laminar state ${action}: which key?`, 'laminar state get PIPELINE COLUMN=VALUE');
  }
  return Object.fromEntries(parts);
}
