// laminar checkpoint: what a state directory holds, and savepoints in it.

import * as Flags from '@oclif/core/flags';
import { LaminarCommand } from '../cli/base-command.ts';
import { argument } from '../cli/pipeline-text.ts';
import { UsageError } from '../cli/usage-error.ts';

export default class Checkpoint extends LaminarCommand {
  static override summary = 'List the checkpoints of a state directory; make, show and remove savepoints.';
  static override description = [
    'A checkpoint is taken by a run with a state directory every checkpoint_interval; the last three stay. A savepoint is one with a name: it stays until it is removed.',
    '',
    'Actions:',
    '  list           every checkpoint, the oldest first',
    '  show [NAME]    where its sources are, what operators keep, how much of every output counts; without a name, of the last',
    '  create NAME    a savepoint: of a run that is going on, now; otherwise of the last checkpoint',
    '  rm NAME        takes the name away, and removes the checkpoint unless it is the last',
  ].join('\n');
  static override examples = [
    { description: 'What there is', command: '<%= config.bin %> checkpoint list --state-dir bars.state' },
    { description: 'Before an upgrade', command: '<%= config.bin %> checkpoint create before-2.0 -s bars.state' },
    { description: 'Back to it', command: '<%= config.bin %> run bars.lsql -s bars.state --from before-2.0' },
  ];
  static override args = {
    action: argument('list, show, create or rm.'),
    name: argument('A savepoint, or the number of a checkpoint.'),
  };
  static override flags = {
    'state-dir': Flags.string({
      char: 's',
      summary: 'The state directory; without this, LAMINAR_STATE_DIR.',
      helpValue: 'DIR',
    }),
    json: Flags.boolean({ summary: 'JSON instead of text: a line per checkpoint.' }),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.parseArguments(Checkpoint);
    const { name } = args;
    const verbs = await import('../cli/checkpoints.ts');
    const directory = verbs.namedDirectory(flags['state-dir']);
    switch (args.action) {
      case 'list':
        return verbs.listCheckpoints(directory, flags.json);
      case 'show':
        return verbs.showCheckpoint(directory, name ?? null, flags.json);
      case 'create':
      case 'rm':
        if (name === undefined) {
          throw new UsageError(`which savepoint? laminar checkpoint ${args.action} NAME`, 'laminar checkpoint --help');
        }
        return args.action === 'create'
          ? verbs.createSavepoint(directory, name)
          : verbs.removeCheckpoint(directory, name);
      default:
        throw new UsageError(
          args.action === undefined ? 'nothing to do: say list, show, create or rm' : `unknown action '${args.action}'`,
          'laminar checkpoint --help',
        );
    }
  }
}
