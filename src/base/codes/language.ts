// Error codes 1000 to 1999: the text of a pipeline does not follow the language.

import type { CodeEntry } from './entry.ts';

export const LANGUAGE_CODES = {
  'LMN-1001': {
    title: 'The pipeline text does not follow the grammar',
    text: 'The parser met something it did not expect. The message shows the place and what could stand there.',
  },
  'LMN-1002': {
    title: 'A text, quoted name or comment is not closed',
    text: "It reaches to the end of the file. A text ends with a single quote (write two of them for one inside: 'it''s'), a quoted name with a double quote, a comment with */.",
  },
  'LMN-1003': {
    title: 'Parentheses do not match',
    text: 'A parenthesis is opened and not closed, or closed and not opened. The message shows which one.',
  },
  'LMN-1004': {
    title: 'A character or number that the language does not know',
    text: "Outside of texts and comments a pipeline has words, numbers, operators and punctuation. Names with other characters go into double quotes. A length of time is written INTERVAL '5' MINUTE, or '5m' where an option takes one.",
  },
  'LMN-1005': {
    title: 'A reserved word stands where a name is needed',
    text: 'Words such as FROM, ORDER or SELECT cannot be names where the grammar would be ambiguous. Put the name in double quotes, or AS before an alias.',
  },
  'LMN-1006': {
    title: 'A semicolon is missing',
    text: 'Every statement ends with a semicolon; only the last of a file may go without.',
  },
  'LMN-1008': {
    title: 'A statement is too large or nested too deeply',
    text: 'The parser limits the words of a statement and the depth of its expressions, so that no text can exhaust memory. Split the statement into several streams, or use IN (…) instead of a chain of OR.',
  },
  'LMN-1009': {
    title: 'A source has more than one WATERMARK',
    text: 'Event time of a source is one column. Keep the WATERMARK of the column that windows use.',
  },
  'LMN-1010': {
    title: 'Part of SQL that is not supported yet',
    text: 'The message names the construct, and the hint says what to write instead where there is something.',
  },
  'LMN-1011': {
    title: 'A clause of a statement stands inside a query',
    text: 'EMIT, ALLOW LATENESS and LATE DATA TO say how the results of a statement come out: they stand at its end, not in a subquery or in WITH, where windows come out as they close. For another way give the inner query a name with CREATE STREAM, and read from that.',
  },
  'LMN-1020': {
    title: 'A variable is not set',
    text: 'The pipeline uses ${NAME} in a text or option, and neither the environment nor a --set flag gives a value. Set it, or write ${NAME:-default}.',
  },
  'LMN-1021': {
    title: 'A ${…} cannot be read',
    text: 'Variables are written ${NAME}, ${NAME:-default} or ${NAME:?message}; a name has letters, digits and underscores. Write $${ for the characters ${ themselves.',
  },
} as const satisfies Record<string, CodeEntry>;
