// A connection to a PostgreSQL server, made again when it is lost, and the rows of keys through it.
//
//   open()   connects once, and looks whether the table fits: what is wrong then is wrong with the pipeline
//   ask()    tries until retry_for is over, less and less often; when that was in vain the next question has one try,
//            until the server answers again
//
// The session is read only, in UTC, and writes floating-point numbers with all their digits.

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { LaminarError } from '../../base/errors.ts';
import { failureOf, isPassing } from './postgres-errors.ts';
import { cannotBe, lookupQuery, type ServerColumn, type TableRequest } from './postgres-query.ts';

const RETRY_MILLIS_MIN = 50;
const RETRY_MILLIS_MAX = 2000;
/** What the driver waits for an answer longer than the server takes for it. */
const GRACE_MILLIS = 1000;
const SETTINGS = "SET TIME ZONE 'UTC'; SET extra_float_digits = 3; SET default_transaction_read_only = on";
const STATEMENT = 'laminar_lookup';
const ENVIRONMENT = 'env:';

/** A table as the server sees it. */
interface Described {
  query: string;
  /** Of the columns of the key. */
  keys: ServerColumn[];
}

export class PostgresClient {
  readonly #request: TableRequest;
  readonly #notify: (text: string) => void;
  #client: pg.Client | null = null;
  #described: Described | null = null;
  /** How long a question is tried again. */
  #retryMillis: number;
  /** Trying again was in vain. */
  #isDown = false;
  #isClosed = false;

  constructor(request: TableRequest, notify: (text: string) => void) {
    this.#request = request;
    this.#notify = notify;
    this.#retryMillis = request.retryMillis;
  }

  /** @throws LaminarError LMN-5060 to LMN-5065 */
  async open(): Promise<void> {
    try {
      const client = await this.#connect();
      this.#described = await this.#describe(client);
    } catch (error) {
      throw error instanceof LaminarError ? error : this.#failure(error);
    }
  }

  /** The rows of these keys as NDJSON. @throws LaminarError when the server does not give them */
  async ask(keys: string[][]): Promise<Uint8Array> {
    const end = performance.now() + (this.#isDown ? 0 : this.#retryMillis);
    for (let wait = RETRY_MILLIS_MIN; ; wait = Math.min(wait * 2, RETRY_MILLIS_MAX)) {
      try {
        const rows = await this.#fetch(keys);
        if (this.#isDown) this.#notify(`lookup table ${this.#request.name}: the server answers again`);
        this.#isDown = false;
        return rows;
      } catch (error) {
        const isOver = performance.now() + wait > end || this.#retryMillis === 0;
        if (!isPassing(error) || isOver || this.#isClosed) {
          this.#isDown = isPassing(error);
          throw this.#failure(error);
        }
        if (wait === RETRY_MILLIS_MIN) this.#notify(`${this.#failure(error).message}; trying again`);
        await sleep(wait);
      }
    }
  }

  hurry(): void {
    this.#retryMillis = 0;
  }

  close(): void {
    this.#isClosed = true;
    this.#retryMillis = 0;
    this.#client?.end().catch(() => {});
  }

  async #fetch(keys: string[][]): Promise<Uint8Array> {
    const client = this.#client ?? (await this.#connect());
    const { query, keys: columns } = this.#described as Described;
    const asked = possible(keys, columns);
    if (asked[0]?.length === 0) return new Uint8Array(0);
    try {
      const found = await client.query<[string]>({ name: STATEMENT, text: query, values: asked, rowMode: 'array' });
      const lines = found.rows.map(([row]) => `${row.replace(/[\r\n]/g, ' ')}\n`);
      // In a buffer of its own, which changes hands.
      return new TextEncoder().encode(lines.join(''));
    } catch (error) {
      // Whether it is still good cannot be told: what comes next on it may be the answer to this question.
      if (isPassing(error)) this.#drop(client);
      throw error;
    }
  }

  async #connect(): Promise<pg.Client> {
    const { timeoutMillis } = this.#request;
    const client = new pg.Client({
      ...this.#address(),
      application_name: 'laminar',
      keepAlive: true,
      connectionTimeoutMillis: timeoutMillis,
      statement_timeout: timeoutMillis,
      query_timeout: timeoutMillis + GRACE_MILLIS,
    });
    // Of a connection that is lost while nobody asks.
    client.on('error', () => this.#drop(client));
    try {
      await client.connect();
      await client.query(SETTINGS);
    } catch (error) {
      this.#drop(client);
      throw error;
    }
    this.#client = client;
    return client;
  }

  #drop(client: pg.Client): void {
    if (this.#client === client) this.#client = null;
    client.end().catch(() => {});
  }

  /** @throws LMN-5065 */
  #address(): pg.ClientConfig {
    const { url, name } = this.#request;
    if (url === null) return {};
    if (!url.startsWith(ENVIRONMENT)) return checked(url, name);
    const variable = url.slice(ENVIRONMENT.length);
    const value = process.env[variable];
    if (value !== undefined && value !== '') return checked(value, name);
    const message = `lookup table ${name}: the environment variable ${variable} is not set`;
    throw new LaminarError('LMN-5065', message, {
      hint: `${variable}=postgres://user@host/database laminar run …`,
    });
  }

  async #describe(client: pg.Client): Promise<Described> {
    const request = this.#request;
    const from =
      request.table === null ? `(${request.query?.replace(/;\s*$/, '')})` : await nameOf(client, request.table);
    const { fields } = await client.query(`SELECT * FROM ${from} AS t LIMIT 0`);
    const types = await client.query<TypeRow>(
      'SELECT oid::int8::text AS oid, typname, typcategory, format_type(oid, NULL) AS formatted FROM pg_type WHERE oid = ANY($1)',
      [fields.map(({ dataTypeID }) => dataTypeID)],
    );
    const columns = fields.map(({ name, dataTypeID }): ServerColumn => {
      const type = types.rows.find(({ oid }) => oid === String(dataTypeID));
      return { name, type: type?.typname ?? '', category: type?.typcategory ?? '', formatted: type?.formatted ?? '' };
    });
    const query = lookupQuery(request, from, columns);
    const keys = request.keys.map((index) => {
      const source = request.columns[index]?.source;
      return columns.find(({ name }) => name === source) as ServerColumn;
    });
    return { query, keys };
  }

  #failure(error: unknown): LaminarError {
    if (error instanceof LaminarError) return error;
    const { host, port, database } = this.#client ?? new pg.Client(this.#address());
    return failureOf(error, this.#request, `the server ${host}:${port}/${database ?? ''}`);
  }
}

interface TypeRow {
  oid: string;
  typname: string;
  typcategory: string;
  formatted: string;
}

/** A table's name as the server writes it, quoted where it must be. */
async function nameOf(client: pg.Client, table: string): Promise<string> {
  const { rows } = await client.query<{ name: string }>('SELECT $1::regclass::text AS name', [table]);
  return rows[0]?.name ?? '';
}

/** A URL that cannot be read is not shown: it may have a password in it. @throws LMN-5065 */
function checked(connectionString: string, name: string): pg.ClientConfig {
  const isUrl = /^postgres(ql)?:\/\//.test(connectionString) && URL.canParse(connectionString);
  // Of a socket: postgres:///database?host=/run/postgresql
  if (isUrl || /^postgres(ql)?:\/\/\//.test(connectionString)) return { connectionString };
  throw new LaminarError('LMN-5065', `lookup table ${name}: its url is none`, {
    hint: "write 'postgres://user@host:5432/database'; characters such as @, / and # of a password as %40, %2F and %23",
  });
}

/** The keys that the table may have: others would be errors for all. */
function possible(keys: string[][], columns: readonly ServerColumn[]): string[][] {
  if (!columns.some(({ type }) => type === 'uuid')) return keys;
  const rows = (keys[0] as string[]).map((_, row) => row);
  const kept = rows.filter((row) => !columns.some((column, i) => cannotBe(column, keys[i]?.[row] as string)));
  return keys.map((texts) => kept.map((row) => texts[row] as string));
}
