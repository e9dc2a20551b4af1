// laminar run: compiles a pipeline and runs it to its end.

import os from 'node:os';
import * as Flags from '@oclif/core/flags';
import { LaminarCommand } from '../cli/base-command.ts';
import { compileText } from '../cli/compile-text.ts';
import { withPipeline } from '../cli/failure.ts';
import { parseMetricsAddress } from '../cli/metrics/metrics-address.ts';
import { argument, pipelineFlags, readPipeline } from '../cli/pipeline-text.ts';
import { parseErrorLimit, parseMillis } from '../cli/quantities.ts';
import { UsageError } from '../cli/usage-error.ts';
import { parseCpuList } from '../platform/affinity.ts';
import { NOTHING_AHEAD, type StartedAhead } from '../platform/started-ahead.ts';
import { defaultCoreCount } from '../runtime/run.ts';

/** `--pin` alone means auto: oclif's flags either take a value or do not. */
function completePin(argv: readonly string[]): string[] {
  return argv.flatMap((word, i) =>
    word === '--pin' && !/^(auto|\d[\d,-]*)$/.test(argv[i + 1] ?? '') ? [word, 'auto'] : [word],
  );
}

/** @throws UsageError */
function parsePin(text: string): readonly number[] | 'auto' {
  if (text === 'auto') return 'auto';
  const cpus = parseCpuList(text);
  if (cpus.length > 0) return cpus;
  throw new UsageError(`--pin ${text}: not a list of CPUs`, 'write --pin 0,2 or --pin 0-3, or --pin auto');
}

export default class Run extends LaminarCommand {
  static override summary = 'Run a pipeline until its input ends.';
  static override description = [
    "Data goes to stdout (or where the pipeline's sinks say), everything else to stderr. When the input ends, and on Ctrl-C, what is still open is finished and written; a second Ctrl-C quits at once. When the reader of the output leaves, the run ends quietly.",
    '',
    'Exit codes:',
    '  0    done: end of input, limit reached, stopped, output closed',
    '  1    the run failed',
    '  2    wrong usage',
    '  65   more bad records than --max-errors',
    '  66   an input, or the pipeline file, is missing',
    '  70   a bug in Laminar',
    '  74   an input or output failed',
    '  78   the pipeline is wrong',
    '  130  second Ctrl-C',
  ].join('\n');
  static override examples = [
    { description: 'Run a pipeline file', command: '<%= config.bin %> run bars.lsql' },
    {
      description: 'Read stdin, write stdout',
      command: 'cat trades.ndjson | <%= config.bin %> run bars.lsql > bars.ndjson',
    },
    {
      description: 'A query without a file',
      command: `<%= config.bin %> run -e "CREATE SOURCE t (a BIGINT); SELECT a + 1 AS b FROM t WHERE a > 1;" < in.ndjson`,
    },
    {
      description: 'Give a value to the variable ${day} of a pipeline',
      command: '<%= config.bin %> run report.lsql --set day=2024-01-31',
    },
    { description: 'Stop early', command: '<%= config.bin %> run live.lsql --for 30s --max-rows 1000' },
    {
      description: 'Go on where the last run was, however it ended',
      command: '<%= config.bin %> run bars.lsql --state-dir bars.state',
    },
    {
      description: 'Show that no batch makes work for the garbage collector',
      command: '<%= config.bin %> run bars.lsql --verify < trades.ndjson',
    },
    {
      description: 'Tolerate one bad record in a hundred',
      command: '<%= config.bin %> run import.lsql --max-errors 1%',
    },
  ];
  static override args = { file: argument('Pipeline file (.lsql).') };
  static override flags = {
    ...pipelineFlags,
    'max-rows': Flags.integer({ summary: 'Stop after this many output rows.', min: 1, helpValue: 'N' }),
    for: Flags.string({ summary: 'Stop after this time: 30s, 5m, 500ms.', helpValue: 'TIME' }),
    'max-errors': Flags.string({
      summary: 'Fail (exit 65) when more records than this are rejected: a count, or a share such as 1%.',
      helpValue: 'N|N%',
    }),
    'shutdown-timeout': Flags.string({
      summary: 'How long SIGTERM waits for what is open to be finished.',
      helpValue: 'TIME',
      default: '25s',
    }),
    cores: Flags.integer({
      summary: 'Threads that work at once; without this, as many as there are CPUs to spare.',
      min: 1,
      max: 256,
      helpValue: 'N',
    }),
    pin: Flags.string({
      summary: 'Keep each thread on a CPU of its own, of those given or else of those allowed.',
      helpValue: '0,2',
    }),
    numa: Flags.boolean({ summary: 'Spread threads over NUMA nodes, each with memory of its node.' }),
    verify: Flags.boolean({
      summary: 'Watch the JavaScript heap: fail (exit 1) and say which operator it is when one leaves objects there.',
    }),
    metrics: Flags.string({
      summary:
        'Serve metrics for Prometheus over HTTP while it runs; on the loopback interface unless a host is given.',
      helpValue: '[HOST:]PORT',
    }),
    'state-dir': Flags.string({
      char: 's',
      summary:
        'Keep the state in this directory: started again, the run goes on where it was, whatever ended it. Also SET state_dir, or LAMINAR_STATE_DIR.',
      helpValue: 'DIR',
    }),
    fresh: Flags.boolean({ summary: 'Begin again: leave out what the state directory holds.', exclusive: ['from'] }),
    from: Flags.string({ summary: 'Go on from this savepoint, or checkpoint.', helpValue: 'NAME' }),
    lenient: Flags.boolean({
      summary: 'Go on without what is damaged in the log of standard input, and print what was lost.',
    }),
    'on-incompatible': Flags.string({
      summary: 'When the pipeline has changed and some state does not fit any more: fail, or drop that part of it.',
      options: ['fail', 'drop'],
      default: 'fail',
    }),
    quiet: Flags.boolean({ char: 'q', summary: 'No notices, no progress, no summary.', exclusive: ['verbose'] }),
    verbose: Flags.boolean({ char: 'v', summary: 'A table of every source, operator and sink at the end.' }),
    json: Flags.boolean({ summary: 'Notices, errors and the summary as JSON lines on stderr.' }),
  };

  /** What has been started for it. */
  ahead: StartedAhead = NOTHING_AHEAD;

  async run(): Promise<void> {
    this.argv = completePin(this.argv);
    const { flags, args } = await this.parseArguments(Run);
    const options = {
      maxRows: flags['max-rows'] ?? null,
      maxMillis: flags.for === undefined ? null : parseMillis(flags.for, 'for'),
      maxErrors: flags['max-errors'] === undefined ? null : parseErrorLimit(flags['max-errors']),
      cores: flags.cores ?? defaultCoreCount(os.availableParallelism()),
      startsAllCores: flags.cores !== undefined || flags.verify,
      verify: flags.verify,
      placement: { pin: flags.pin === undefined ? null : parsePin(flags.pin), numa: flags.numa },
      shutdownMillis: parseMillis(flags['shutdown-timeout'], 'shutdown-timeout'),
      metrics: flags.metrics === undefined ? null : parseMetricsAddress(flags.metrics),
      stateDirectory: flags['state-dir'] ?? null,
      isFresh: flags.fresh,
      from: flags.from ?? null,
      isLenient: flags.lenient,
      dropsIncompatible: flags['on-incompatible'] === 'drop',
      quiet: flags.quiet,
      verbose: flags.verbose,
      json: flags.json,
    };
    const pipeline = readPipeline('run', { ...args, ...flags });
    const { plan, notices, bound } = await compileText(pipeline, flags.set);
    const { fileName } = pipeline;
    const { runSession } = await import('../cli/run-session.ts');
    await withPipeline(pipeline, () => runSession(plan, notices, { ...options, fileName, bound }, this.ahead));
  }
}
