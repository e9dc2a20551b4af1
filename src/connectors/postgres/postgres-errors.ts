// What goes wrong with a PostgreSQL server, as errors with a code and something to do. No message has a password in it:
// addresses are made from their parts, and texts of the server and of the driver name users, hosts and databases only.

import type { ErrorCode } from '../../base/codes.ts';
import { LaminarError } from '../../base/errors.ts';
import type { TableRequest } from './postgres-query.ts';

interface ServerError {
  message?: string;
  code?: string;
  hint?: string;
  errors?: readonly ServerError[];
}

/** Codes of the system that say that the server is not there, or not any more. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

/** Whether it may go well another time: the server is gone, overloaded, restarting, or gave up for others. */
export function isPassing(error: unknown): boolean {
  const { code = '', message = '' } = deepest(error);
  if (UNREACHABLE.has(code) || /^(08|57P0|53|40)/.test(code) || code === '57014') return true;
  return code === '' && /timeout|terminated|closed|not queryable|socket/i.test(message);
}

/** @param where the server, as `host:port/database`. */
export function failureOf(error: unknown, { name }: Pick<TableRequest, 'name'>, where = 'the server'): LaminarError {
  const { code = '', message = String(error), hint } = deepest(error);
  const { laminar, told, advice } = explain(code, message, where);
  return new LaminarError(laminar, `lookup table ${name}: ${told}`, { hint: hint ?? advice });
}

function explain(code: string, message: string, where: string): { laminar: ErrorCode; told: string; advice: string } {
  if (/^28/.test(code) || code === '3D000' || /SASL|password/i.test(message)) {
    const advice = 'check the user and database of url, and PGPASSWORD or ~/.pgpass';
    return { laminar: 'LMN-5061', told: `${where} refuses the connection: ${message}`, advice };
  }
  if (/^42|^3F|^0A|^22|^21/.test(code)) {
    return { laminar: 'LMN-5062', told: message, advice: 'check the table or query, and what the user may read' };
  }
  if (code === '57014' || (code === '' && /timeout/i.test(message))) {
    const advice = 'raise timeout, ask for less at once with batch_size, or index the columns of the key';
    return { laminar: 'LMN-5064', told: `${where} takes too long: ${message}`, advice };
  }
  const advice = 'check that the server runs, listens there, and lets this machine connect';
  return { laminar: 'LMN-5060', told: `${where} cannot be reached: ${message || code}`, advice };
}

/** Of several addresses tried, the first error. */
function deepest(error: unknown): ServerError {
  const given = error as ServerError;
  return given.errors?.[0] ?? given;
}
