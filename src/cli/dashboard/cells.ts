// Single values of the dashboard's tables and details.

import type { SourceLine } from './frame.ts';
import { type Span, span } from './text.ts';

/** µs since the epoch as `2024-01-31 12:00:03`. */
export function formatTime(micros: number): string {
  const date = new Date(micros / 1000);
  return Number.isNaN(date.getTime()) ? 'out of range' : date.toISOString().slice(0, 19).replace('T', ' ');
}

const STATE_TONES: Record<SourceLine['state'], Span['tone']> = {
  active: 'good',
  idle: 'warning',
  paused: 'warning',
  finished: 'dim',
  pending: 'dim',
};

export function stateCell(state: SourceLine['state']): Span {
  return span(state.toUpperCase(), STATE_TONES[state]);
}

export function percentText(share: number): string {
  return `${Math.round(Math.min(Math.max(share, 0), 1) * 100)} %`;
}

export function none(): Span {
  return span('-', 'dim');
}
