// Regular expressions as SQL writes them, for JavaScript's engine.
//
// SQL's are RE2's, as in DuckDB; JavaScript's engine reads nearly the same language. Rewritten are POSIX classes
// ([[:alpha:]]), \A \z \a \s \Q…\E \pL \x{…}, (?P<name>…), flags at the beginning ((?i)), and brackets and braces that
// stand for themselves. Patterns match characters (code points). What only JavaScript has (lookahead, backreferences)
// works; such patterns can take time that grows fast with the text.
//
//   options   i any case · c case as written · s . matches newlines too · m n p it does not (the default)
//             l the pattern is plain text · g every occurrence (of regexp_replace only)

/** A pattern that cannot be read, or flags that do not exist. */
export class PatternError extends Error {}

export interface PatternUse {
  /** Letters as in `gi`. */
  options: string;
  /** The whole text must match. */
  whole?: boolean;
  /** `g` is allowed. */
  replaces?: boolean;
}

/** The JavaScript RegExp of a pattern; stateless unless `g` is among the options. @throws PatternError. */
export function compilePattern(pattern: string, { options, whole = false, replaces = false }: PatternUse): RegExp {
  const flags = new Set(['u']);
  let isText = false;
  for (const option of options) {
    if (option === 'i' || option === 's') flags.add(option);
    else if (option === 'g' && replaces) flags.add('g');
    else if (option === 'c') flags.delete('i');
    else if (option === 'l') isText = true;
    else if ('mnp'.includes(option)) flags.delete('s');
    else if (option !== ' ') throw new PatternError(optionProblem(option));
  }
  const { source, added } = isText ? { source: escapeText(pattern), added: '' } : translate(pattern, flags);
  for (const flag of added) flags.add(flag);
  // Lines have their ^ and $ inside: the whole text is meant outside.
  const lines = whole && flags.delete('m') ? 'm' : '';
  try {
    return new RegExp(whole ? `^(?${lines}:${source})$` : source, [...flags].join(''));
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: (?:\/.*\/[a-z]*: )?/s, '');
    throw new PatternError(`'${pattern}' is no regular expression: ${reason}`);
  }
}

function optionProblem(option: string): string {
  if (option === 'g') return "the option 'g' is for regexp_replace only";
  return `there is no option '${option}': options are c, g, i, l, m, n, p and s`;
}

/** The pattern that matches a text only. */
export function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, (c) => (c === '-' ? '\\x2d' : `\\${c}`));
}

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** RE2's classes are of ASCII; JavaScript's \s is not. */
const SPACES = '\\t\\n\\f\\r ';
const NOT_SPACES = '\\0-\\x08\\x0B\\x0E-\\x1F!-\\u{10FFFF}';

interface Translation {
  source: string;
  /** Flags that the pattern sets for itself. */
  added: string;
}

function translate(pattern: string, flags: ReadonlySet<string>): Translation {
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  const added = inline?.[1] ?? '';
  const anyCase = flags.has('i') || added.includes('i');
  const reader = { text: pattern, at: inline?.[0].length ?? 0, anyCase };
  let source = '';
  while (reader.at < pattern.length) {
    const c = pattern[reader.at] as string;
    if (c === '\\') source += readEscape(reader, false);
    else if (c === '[') source += readClass(reader);
    else source += readPlain(reader);
  }
  return { source, added };
}

interface Reader {
  text: string;
  at: number;
  anyCase: boolean;
}

function readPlain(reader: Reader): string {
  const { text, at } = reader;
  if (text.startsWith('(?P<', at)) {
    reader.at += 4;
    return '(?<';
  }
  reader.at++;
  const c = text[at] as string;
  if (c === ']' || c === '}') return `\\${c}`;
  if (c !== '{') return c;
  // A brace that counts nothing stands for itself.
  const count = /^\{\d+(?:,\d*)?\}/.exec(text.slice(at));
  if (count === null) return '\\{';
  reader.at = at + count[0].length;
  return count[0];
}

function readEscape(reader: Reader, inClass: boolean): string {
  const { text, at } = reader;
  const next = text[at + 1];
  if (next === undefined) throw new PatternError(`'${text}' is no regular expression: it ends with a \\`);
  reader.at += 2;
  switch (next) {
    case 'A':
      return '(?-m:^)';
    case 'z':
      return '(?-m:$)';
    case 'a':
      return '\\x07';
    case 's':
      return inClass ? SPACES : `[${SPACES}]`;
    case 'S':
      return inClass ? NOT_SPACES : `[^${SPACES}]`;
    case 'Q':
      return readQuoted(reader);
    case 'C':
      throw new PatternError(`'${text}' is no regular expression: \\C matches bytes, and text has characters`);
    case 'x':
      return readHexadecimal(reader);
    case 'p':
    case 'P':
      return readProperty(reader, next);
    default:
      return readOther(reader, next);
  }
}

/** A letter or digit keeps its meaning; any other character stands for itself. */
function readOther(reader: Reader, next: string): string {
  if (/[\p{L}\p{N}]/u.test(next)) return `\\${next}`;
  if (/[\ud800-\udbff]/.test(next)) {
    reader.at++;
    return `${next}${reader.text[reader.at - 1] ?? ''}`;
  }
  return /[\^$\\.*+?()[\]{}|/]/.test(next) ? `\\${next}` : next === '-' ? '\\x2d' : next;
}

function readQuoted(reader: Reader): string {
  const end = reader.text.indexOf('\\E', reader.at);
  const quoted = reader.text.slice(reader.at, end < 0 ? undefined : end);
  reader.at = end < 0 ? reader.text.length : end + 2;
  return escapeText(quoted);
}

function readHexadecimal(reader: Reader): string {
  const braced = /^\{([0-9A-Fa-f]{1,6})\}/.exec(reader.text.slice(reader.at));
  if (braced === null) return '\\x';
  reader.at += braced[0].length;
  return `\\u${braced[0]}`;
}

/** `\pL` is `\p{L}`; scripts need their key: `\p{Greek}`. */
function readProperty(reader: Reader, letter: string): string {
  const { text } = reader;
  const braced = /^\{(\^?)(\w+)\}/.exec(text.slice(reader.at));
  const name = braced?.[2] ?? text[reader.at] ?? '';
  reader.at += braced?.[0].length ?? 1;
  const negated = (letter === 'P') !== (braced?.[1] === '^');
  const key = name.length > 2 && !/^(?:Any|ASCII|Alphabetic|Lowercase|Uppercase|White_Space)$/.test(name);
  return `\\${negated ? 'P' : 'p'}{${key ? `Script=${name}` : name}}`;
}

/** A class: [abc], [^a-z], []a], [[:alpha:]_]. */
function readClass(reader: Reader): string {
  const { text } = reader;
  const start = reader.at;
  reader.at++;
  let source = '[';
  if (text[reader.at] === '^') {
    source += '^';
    reader.at++;
  }
  let isFirst = true;
  while (reader.at < text.length && (isFirst || text[reader.at] !== ']')) {
    source += readClassItem(reader);
    isFirst = false;
  }
  if (reader.at >= text.length) {
    throw new PatternError(`'${text}' is no regular expression: the class ${text.slice(start)} has no ]`);
  }
  reader.at++;
  return `${source}]`;
}

function readClassItem(reader: Reader): string {
  const { text, at } = reader;
  const posix = /^\[:(\^?)(\w+):\]/.exec(text.slice(at, at + 14));
  if (posix !== null) {
    const members = POSIX[posix[2] as string];
    if (members === undefined) throw new PatternError(`there is no class [:${posix[2]}:]`);
    reader.at += posix[0].length;
    return posix[1] === '' ? members : complementOf(posix[2] as string, reader.anyCase);
  }
  const c = text[at] as string;
  if (c === '\\') return readEscape(reader, true);
  reader.at++;
  return '[]{}()|/'.includes(c) ? `\\${c}` : c;
}

/** The characters outside a POSIX class, as ranges. */
function complementOf(name: string, anyCase: boolean): string {
  const inside = new RegExp(`[${POSIX[name]}]`);
  const ranges: string[] = [];
  const hex = (code: number) => `\\x${code.toString(16).padStart(2, '0')}`;
  for (let code = 0; code < 128; code++) {
    if (inside.test(String.fromCharCode(code))) continue;
    const first = code;
    while (code < 127 && !inside.test(String.fromCharCode(code + 1))) code++;
    ranges.push(`${hex(first)}-${hex(code)}`);
  }
  // ſ and the Kelvin sign are s and k in another case.
  const rest = anyCase ? '\\u0080-\\u017E\\u0180-\\u2129\\u212B-\\u{10FFFF}' : '\\u0080-\\u{10FFFF}';
  return `${ranges.join('')}${rest}`;
}
