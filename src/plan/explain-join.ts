// EXPLAIN of joins: what rows have in common, how far apart they may be, and how long they are kept.

import { formatDuration } from '../base/duration.ts';
import type { AsofDirection, JoinKind, JoinNode, JoinTime } from './join-node.ts';

const UNMATCHED: Readonly<Record<JoinKind, string | null>> = {
  inner: null,
  left: 'left rows',
  right: 'right rows',
  full: 'rows of both sides',
  semi: null,
  anti: null,
  mark: null,
};

/** The lines below a join. */
export function joinDetails(node: JoinNode): string[] {
  if (node.asof !== null) return asofDetails(node, node.asof);
  const { text, time, condition, join, updating, bounds } = node;
  const keys = text.length === 0 ? 'every row with every other' : `rows where ${text.join(', ')}`;
  const details = [`joins: ${keys}`];
  if (time !== null) details.push(`within: ${describeBounds(time)}`);
  if (condition !== null) details.push(`condition: ${condition.text}${condition.interpreted ? ' [JavaScript]' : ''}`);
  details.push(`emits: ${describeEmit(node)}`);
  const kept = time === null ? describeLasting(node) : describeKept(time);
  if (bounds !== null) return [...details, `keeps: ${describeLate(bounds)}`];
  if (updating !== null) return [...details, `keeps: ${kept}`];
  return [
    ...details,
    `keeps: ${UNMATCHED[join] === null && join !== 'inner' ? `${kept}, left ones until they match` : kept}`,
  ];
}

function describeBounds({ lowMicros, highMicros }: JoinTime): string {
  if (lowMicros === 0 && highMicros === 0) return 'the same time';
  return `left from ${describeOffset(lowMicros)} to ${describeOffset(highMicros)} the right time`;
}

function describeOffset(micros: number): string {
  if (micros === 0) return 'exactly';
  return micros < 0 ? `${formatDuration(-micros)} before` : `${formatDuration(micros)} behind`;
}

function describeLasting({ ttlMicros, updating }: JoinNode): string {
  if (ttlMicros !== null) return `every row for ${formatDuration(ttlMicros)} by the clock`;
  return updating === null ? 'every row until the end of the input' : 'every row until it is taken back';
}

function describeChanges(join: JoinKind): string {
  if (join === 'mark') return 'changes: row by row, left rows with whether they have a match';
  if (join === 'semi' || join === 'anti') return 'changes: row by row, left rows with their first match and their last';
  const unmatched = UNMATCHED[join];
  return `changes: row by row${unmatched === null ? '' : `; ${unmatched} without a match as long as they have none`}`;
}

function describeEmit({ join, time, updating, ttlMicros }: JoinNode): string {
  if (updating !== null) return describeChanges(join);
  const order = time === null ? 'as they come' : 'in the order of time, as the watermark of both inputs passes them';
  if (join === 'semi') return `left rows with their first match, ${order}`;
  const when =
    time !== null
      ? 'once they can have none'
      : ttlMicros === null
        ? 'at the end of the input'
        : 'once they are let go, or at the end of the input';
  if (join === 'anti') return `left rows without a match, ${when}`;
  if (join === 'mark') return `left rows with whether they have a match: ${order}, or ${when}`;
  const unmatched = UNMATCHED[join];
  return `pairs with their later row, ${order}${unmatched === null ? '' : `; ${unmatched} without a match ${when}`}`;
}

/** A change counts for as long as it may match rows that still can change. */
function describeLate({ lowMicros, highMicros }: JoinTime): string {
  const reach = Math.max(Math.abs(lowMicros), Math.abs(highMicros));
  if (reach === 0) return 'every row until the watermark passes it; later changes of it are late';
  return `rows for ${formatDuration(2 * reach)} of event time; changes ${formatDuration(reach)} behind the watermark are late`;
}

/** A row is kept for as long as later rows of the other side can match it. */
function describeKept({ lowMicros, highMicros }: JoinTime): string {
  const side = (name: string, micros: number) =>
    micros < 0 ? `no ${name} row` : `${name} rows for ${formatDuration(micros)}`;
  return `${side('left', -lowMicros)} and ${side('right', highMicros)} of event time`;
}

function asofDetails({ text, time, join }: JoinNode, asof: AsofDirection): string[] {
  const keys = text.length === 0 ? '' : `, where ${text.join(', ')}`;
  const details = [`joins: each left row with ${time === null ? 'a right row' : describeNear(asof, time)}${keys}`];
  const unmatched = join === 'left' ? ', or with none' : '';
  const when =
    time?.joinsAtEnd === true
      ? 'at the end of the input: no watermark speaks about both times'
      : 'once the watermark of both inputs says that no other can come';
  details.push(`emits: each left row once${unmatched}, ${when}`);
  return [...details, `keeps: ${KEPT[asof]}`];
}

const KEPT: Readonly<Record<AsofDirection, string>> = {
  backward: 'the last right row of each key',
  forward: 'left rows until the next right row of their key',
  nearest: 'the last right row of each key, and left rows until the next',
};

/** Which right row, and how far it may be; ±2^53 is no bound. */
function describeNear(asof: AsofDirection, { lowMicros, highMicros }: JoinTime): string {
  const isOpen = (micros: number) => Math.abs(micros) >= 2 ** 53;
  const within = (micros: number) => (isOpen(micros) ? '' : `, at most ${formatDuration(micros)} away`);
  if (asof === 'backward') return `the last right row ${describeFrom(lowMicros, 'before')}${within(highMicros)}`;
  if (asof === 'forward') return `the first right row ${describeFrom(-highMicros, 'behind')}${within(-lowMicros)}`;
  const sides = [
    isOpen(highMicros) ? '' : `${formatDuration(highMicros)} before`,
    isOpen(lowMicros) ? '' : `${formatDuration(-lowMicros)} behind`,
  ];
  const bounds = sides.filter((side) => side !== '').join(' or ');
  return `the nearest right row${bounds === '' ? '' : `, at most ${bounds}`}`;
}

function describeFrom(micros: number, where: 'before' | 'behind'): string {
  if (micros === 0) return `at its time or ${where}`;
  if (micros === 1) return `${where} it`;
  const other = where === 'before' ? 'behind' : 'before';
  return micros > 0 ? `${formatDuration(micros)} ${where} it or more` : `up to ${formatDuration(-micros)} ${other} it`;
}
