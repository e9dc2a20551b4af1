// SET name = value: the settings of a run.

import { parseDuration } from '../../base/duration.ts';
import { LaminarError } from '../../base/errors.ts';
import {
  BATCH_ROWS_DEFAULT,
  BATCH_ROWS_MAX,
  CHECKPOINT_MICROS_DEFAULT,
  CHECKPOINT_MICROS_MIN,
  MEMORY_BYTES_MAX,
  MEMORY_BYTES_MIN,
  ROW_NANOS_DEFAULT,
  TURN_MICROS_DEFAULT,
} from '../../base/limits.ts';
import { nearestName } from '../../base/names.ts';
import type { OptionScalar, OptionSpec } from '../../plan/option-spec.ts';
import type { PlanSettings } from '../../plan/physical-plan.ts';
import type { SetStatement } from '../ast.ts';
import type { LogicalPipeline } from './logical.ts';
import { optionValue } from './options.ts';

/** Every setting; also the source of docs/settings.md. */
export const SETTINGS: readonly OptionSpec[] = [
  {
    name: 'batch_size',
    type: { kind: 'integer', minimum: 1 },
    default: BATCH_ROWS_DEFAULT,
    doc: `Rows per batch, up to ${BATCH_ROWS_MAX}. The result does not depend on it; it exists for tests and measurements.`,
  },
  {
    name: 'budget_row',
    type: { kind: 'integer', minimum: 0 },
    default: ROW_NANOS_DEFAULT,
    doc: 'Nanoseconds that an operator or sink may take for a row, its own work only. Turns that take longer are counted as overruns, and shown by `-v` with how bad it was at its worst: more than 10 a second are medium, more than 50 high, more than 100 critical; 0: nobody looks.',
  },
  {
    name: 'budget_turn',
    type: { kind: 'duration' },
    default: TURN_MICROS_DEFAULT,
    doc: 'How long a core works before it looks for requests (Ctrl-C, a limit of time, who watches the run) and writes what waits. Rows that a window gives at its close, or ORDER BY, are passed on in pieces of this length; 0s: as long as it takes. The result does not depend on it.',
  },
  {
    name: 'checkpoint_interval',
    type: { kind: 'duration' },
    default: CHECKPOINT_MICROS_DEFAULT,
    doc: 'With a state directory: how long after a checkpoint the next one is taken, at least 100 ms. What comes after the last one is computed again when the run is started again.',
  },
  {
    name: 'memory_limit',
    type: { kind: 'bytes', minimum: MEMORY_BYTES_MIN, maximum: MEMORY_BYTES_MAX },
    default: MEMORY_BYTES_MAX,
    doc: 'Bytes that rows, state and output may take together, with what cores that decode take; where they would take half of it, fewer of them are started. A run that needs more ends with an error that says what keeps the most; what was written before is valid.',
  },
  {
    name: 'state_dir',
    type: { kind: 'text' },
    default: null,
    doc: 'Directory in which the run keeps its state, so that it goes on where it was when it is started again; `--state-dir` and the environment variable LAMINAR_STATE_DIR say the same, and the first of the three that is given counts. Without any, nothing is kept.',
  },
  {
    name: 'state_ttl',
    type: { kind: 'duration' },
    default: 0,
    doc: 'How long a join keeps a row that no bound between event times lets go, by the clock, from when it came; 0s: for as long as the run lasts. Rows that come later do not find it any more, and what it gave stays: a change of it has no effect.',
  },
  {
    name: 'wal_sync',
    type: { kind: 'text' },
    default: '10ms',
    doc: 'With a state directory: when what comes from standard input is in its log, which the next run reads first. `always`: before it is used; a length of time such as `10ms`: so often, on the disk; `checkpoint`: every 10 ms, and the system writes it when it likes, so that it outlives the process but not a power cut.',
  },
];

/** Values by name, as text: from the command line. */
export type Settings = Readonly<Record<string, string>>;

export class SettingsReader {
  readonly #values = new Map<string, OptionScalar>();
  readonly #fixed = new Set<string>();

  /** @param outside settings that win over SET. @throws LMN-2020, LMN-2013. */
  constructor(outside: Settings) {
    const span = { start: 0, end: 0 };
    for (const [name, value] of Object.entries(outside)) {
      this.set({ kind: 'set', name: { name, quoted: false, span }, value: { kind: 'string', value, span }, span });
      this.#fixed.add(name.toLowerCase());
    }
  }

  set(statement: SetStatement): void {
    const { name, span } = statement.name;
    const spec = SETTINGS.find((setting) => setting.name === name.toLowerCase());
    if (spec === undefined) {
      const known = SETTINGS.map((setting) => setting.name);
      const nearest = nearestName(name, known);
      throw new LaminarError('LMN-2020', `there is no setting ${name}`, {
        hint: nearest === undefined ? `settings are ${known.join(', ')}` : `did you mean ${nearest}?`,
        at: { span },
      });
    }
    if (this.#fixed.has(spec.name)) return;
    const value = optionValue({ key: statement.name, value: statement.value, span: statement.span }, spec);
    if (spec.name === 'batch_size' && (value as number) > BATCH_ROWS_MAX) {
      throw new LaminarError('LMN-2013', `batch_size cannot be more than ${BATCH_ROWS_MAX}`, {
        at: { span: statement.value.span },
      });
    }
    if (spec.name === 'checkpoint_interval' && (value as number) < CHECKPOINT_MICROS_MIN) {
      throw new LaminarError('LMN-2013', 'checkpoint_interval cannot be less than 100 ms', {
        at: { span: statement.value.span },
      });
    }
    if (spec.name === 'wal_sync' && walSyncOf(value as string) === null) {
      throw new LaminarError('LMN-2013', `wal_sync cannot be '${value}'`, {
        hint: "it is 'always', 'checkpoint', or a length of time such as '10ms'",
        at: { span: statement.value.span },
      });
    }
    this.#values.set(spec.name, value);
  }

  /** @throws LMN-2013 */
  get values(): LogicalPipeline['settings'] {
    return {
      batchRows: (this.#values.get('batch_size') ?? BATCH_ROWS_DEFAULT) as number,
      memoryBytes: (this.#values.get('memory_limit') ?? MEMORY_BYTES_MAX) as number,
      turnMicros: (this.#values.get('budget_turn') ?? TURN_MICROS_DEFAULT) as number,
      rowNanos: (this.#values.get('budget_row') ?? ROW_NANOS_DEFAULT) as number,
      stateTtlMicros: (this.#values.get('state_ttl') ?? 0) as number,
      stateDirectory: (this.#values.get('state_dir') ?? null) as string | null,
      checkpointMicros: (this.#values.get('checkpoint_interval') ?? CHECKPOINT_MICROS_DEFAULT) as number,
      walSync: walSyncOf((this.#values.get('wal_sync') ?? '10ms') as string) ?? 'always',
    };
  }
}

function walSyncOf(text: string): PlanSettings['walSync'] | null {
  const word = text.toLowerCase();
  if (word === 'always' || word === 'checkpoint') return word;
  const duration = parseDuration(word, null);
  return 'micros' in duration && duration.micros > 0 ? duration.micros : null;
}
